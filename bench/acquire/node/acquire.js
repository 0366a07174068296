// Acquires with Node and better-sqlite3. Flags and output are those of the package task.
const Database = require('better-sqlite3')
const { parseArgs } = require('node:util')

const query = `query($after: String, $first: Int!) { events(schemeId: "seekAnz", after: $after, first: $first) {
  edges { cursor streamDateTime node { __typename id { value } typeCode schemeId createDateTime } } pageInfo { endCursor hasNextPage } } }`

function open(path) {
  const db = new Database(path)
  db.pragma('journal_mode = WAL')
  db.pragma('synchronous = FULL')
  db.exec(`
    CREATE TABLE IF NOT EXISTS events (id TEXT PRIMARY KEY, type TEXT NOT NULL, created_at TEXT NOT NULL, streamed_at TEXT NOT NULL, node TEXT NOT NULL);
    CREATE TABLE IF NOT EXISTS outbox (id TEXT NOT NULL, destination TEXT NOT NULL, due_at TEXT, PRIMARY KEY (id, destination));
    CREATE TABLE IF NOT EXISTS cursors (stream TEXT PRIMARY KEY, position TEXT NOT NULL);`)
  return db
}

async function fetchPage(url, after) {
  const answer = await fetch(url + 'graphql', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Authorization: 'Bearer bench' },
    body: JSON.stringify({ query, variables: { after, first: 100 } }),
  })
  return (await answer.json()).data.events
}

// saver prepares the statements once, and saves a page in one transaction.
function saver(db) {
  const event = db.prepare('INSERT INTO events VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING')
  const owed = db.prepare("INSERT INTO outbox VALUES (?, 'bench', ?) ON CONFLICT DO NOTHING")
  const moved = db.prepare("INSERT INTO cursors VALUES ('bench', ?) ON CONFLICT (stream) DO UPDATE SET position = excluded.position")
  return db.transaction((page) => {
    const now = new Date().toISOString()
    for (const { node, streamDateTime } of page.edges) {
      event.run(node.id.value, node.typeCode, node.createDateTime, streamDateTime, JSON.stringify(node))
      owed.run(node.id.value, now)
    }
    moved.run(page.pageInfo.endCursor)
  }).immediate
}

async function main() {
  const args = process.argv.slice(2).map((word) => word.replace(/^-(\w{2,})/, '--$1'))
  const flag = { type: 'string' }
  const { values, positionals } = parseArgs({ args, allowPositionals: true, options: { url: flag, database: flag, events: flag, parallel: flag } })
  if (positionals[0] === 'prepare') return
  const db = open(values.database)
  const save = saver(db)
  const began = performance.now()
  for (let after, more = true; more; ) {
    const page = await fetchPage(values.url, after)
    save(page)
    ;({ endCursor: after, hasNextPage: more } = page.pageInfo)
  }
  const seconds = (performance.now() - began) / 1000
  console.log(JSON.stringify({ events: db.prepare('SELECT count(*) FROM outbox').pluck().get(), seconds }))
}

main()
