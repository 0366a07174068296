// A receiver of seek-poller's webhooks, to begin with: it stores each event once, and afterwards asks SEEK for the candidate profiles
// that the events name. Nothing but Node 18 or newer. docs/receive.md says how to run it, and what is in the environment.
//
// Plain Node has no database before 22.5; from there on node:sqlite is the better store. This one is a file that is only ever appended to,
// one line of JSON for each fact, read once at the start. A line that ends is a transaction: it is whole or it is not there.
import { createHmac, randomUUID, timingSafeEqual } from 'node:crypto'
import { closeSync, fsyncSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs'
import { createServer } from 'node:http'
import { dirname } from 'node:path'

const setting = (name) => process.env[name] || fail(`${name} is not set`)
const secretIn = (name) => readFileSync(setting(name), 'utf8').replace(/[\r\n]+$/, '') // without the line's end that editors leave
const fail = (why) => { console.error('handler:', why); process.exit(1) }

const most = 1 << 20 // bytes of a body
const webhookSecret = secretIn('HANDLER_SECRET_FILE')
if (webhookSecret.length < 16) fail('the secret in HANDLER_SECRET_FILE is shorter than 16 bytes')
process.umask(0o077) // the file holds personal data

// The store. `known` is what makes the second delivery of an event do nothing; `owed` are the profiles to ask for.
class Store {
  known = new Set()
  owed = new Map() // by event id: { id: of the profile, due: in milliseconds, tries }
  size = 0 // of what is whole

  constructor(path) {
    this.file = openSync(path, 'a+', 0o600)
    const text = readFileSync(path)
    this.size = text.lastIndexOf('\n') + 1
    try {
      for (const line of text.subarray(0, this.size).toString().split('\n').filter(Boolean)) this.#apply(JSON.parse(line))
    } catch {
      fail('the file in HANDLER_DATABASE is not one of ours, or damaged') // the parser's own message would show what is in it
    }
    ftruncateSync(this.file, this.size) // a line that a crash cut off was never answered for
    const directory = openSync(dirname(path), 'r')
    fsyncSync(directory) // so that the file's name is as safe as its content
    closeSync(directory)
  }

  // One line for the whole request: the events, and with them the work that they make. Whatever happens before it is safe, the events
  // come again; after it they may come again too, and then there is nothing to add.
  addEvents(events) {
    const fresh = new Map(events.filter((e) => !this.known.has(e.id)).map((e) => [e.id, e]))
    if (fresh.size > 0) this.#append({ events: [...fresh.values()] })
  }

  addProfile(event, outcome, profile) {
    this.#append({ event, outcome, profile }) // personal data
  }

  // Nothing here waits for anything else, so requests cannot get between the look at `known` and the write.
  #append(fact) {
    const line = Buffer.from(JSON.stringify(fact) + '\n')
    try {
      for (let done = 0; done < line.length;) done += writeSync(this.file, line, done)
      fsyncSync(this.file) // what was answered with 2xx outlives a power cut
    } catch (error) {
      try {
        ftruncateSync(this.file, this.size) // half a line would spoil the next one
      } catch {
        fail('the file in HANDLER_DATABASE cannot be mended; the next start does it')
      }
      throw error
    }
    this.size += line.length
    this.#apply(fact)
  }

  #apply(fact) {
    for (const e of fact.events ?? []) {
      this.known.add(e.id)
      const id = e.candidateApplicationProfileId ?? e.candidateProfileId
      if (id) this.owed.set(e.id, { id, due: 0, tries: 0 })
    }
    if (fact.outcome) this.owed.delete(fact.event)
  }
}

// The receiver answers 2xx only when the events are safe. What it says otherwise is shown to whoever looks into the failed delivery.
async function receive(request) {
  if (request.method !== 'POST' || request.url !== '/seek') return [404, 'events are sent with POST to /seek']
  const parts = []
  let length = 0
  for await (const part of request) {
    if ((length += part.length) <= most) parts.push(part)
  }
  if (length > most) return [413, 'the body is larger than 1 MiB']
  const body = Buffer.concat(parts)
  if (!signed(body, request.headers['seek-signature'] ?? '')) return [401, 'Seek-Signature does not fit the body']
  const events = parse(body)
  if (typeof events === 'string') return [400, events]
  try {
    store.addEvents(events)
  } catch (error) {
    console.error('events are not stored:', error.code)
    return [503, 'the events cannot be stored now']
  }
  wake()
  return [204, '']
}

// The body as it came, before anything trusts it enough to parse it. timingSafeEqual takes the same time whatever it is given, so that
// nobody finds a signature out digit by digit.
function signed(body, signature) {
  const want = Buffer.from(createHmac('sha512', webhookSecret).update(body).digest('hex'))
  const got = Buffer.from(signature)
  return got.length === want.length && timingSafeEqual(got, want)
}

// The events, or what is wrong, which quotes nothing of the body. It asks for no more than it needs: types that nobody has heard of yet
// are events too.
function parse(body) {
  let events
  try {
    events = JSON.parse(body).events
  } catch {}
  if (!Array.isArray(events) || events.length === 0) return 'the body is not JSON with a list of events'
  const text = (value) => typeof value === 'string' && value !== ''
  return events.every((e) => text(e?.id) && text(e?.type)) ? events : 'an event has no id or no type'
}

// What a client of SEEK's has: credentials, and a token that is kept for its life.
const seek = {
  endpoint: setting('SEEK_ENDPOINT'),
  tokenURL: setting('SEEK_TOKEN_URL'),
  credentials: {
    audience: setting('SEEK_AUDIENCE'),
    client_id: setting('SEEK_CLIENT_ID'),
    client_secret: secretIn('SEEK_CLIENT_SECRET_FILE'),
    grant_type: 'client_credentials',
  },
  session: randomUUID(),
  userAgent: 'example-handler/1.0', // yours: SEEK wants to know who asks
  // Select what you show, and no more. SEEK's schema has more to offer: https://developer.seek.com/schema/query/candidateProfile
  question: `query ($id: String!) {
    candidateProfile(id: $id) {
      profileId { value }
      createDateTime
      candidate { documentId { value } person { name { formattedName } communication { email { address } phone { formattedNumber } } } }
      attachments { seekRoleCode url }
    }
  }`,
  token: '',
  expires: 0,

  // Outcome and profile: SEEK's last word. Whatever is thrown is for later.
  async profile(id) {
    const { data, errors } = await this.ask(id)
    const code = errors?.[0]?.extensions?.code
    if (data?.candidateProfile) return ['stored', data.candidateProfile]
    if (data?.candidateProfile === null && !errors?.length) return ['gone'] // the candidate has deleted it, or it is too old
    if (['FORBIDDEN', 'NOT_FOUND', 'BAD_USER_INPUT'].includes(code)) return [`refused: ${code}`] // asking again does not help
    throw new Error(`SEEK answered without a profile, code ${JSON.stringify(code)?.slice(0, 100)}`)
  },

  // UNAUTHENTICATED may mean that the token has ended: it is asked again with a new one, once.
  async ask(id) {
    for (let again = true; ; again = false) {
      if (!this.token || performance.now() > this.expires) await this.renew()
      const answer = await this.post(this.endpoint, { query: this.question, variables: { id } }, {
        'Accept-Language': 'en-AU',
        Authorization: `Bearer ${this.token}`,
        'X-Request-Id': randomUUID(), // what SEEK's support asks for
        'X-Session-Id': this.session,
      })
      if (answer.errors?.[0]?.extensions?.code !== 'UNAUTHENTICATED') return answer
      this.token = ''
      if (!again) return answer
    }
  },

  // How long a token lives is said each time, and may change.
  async renew() {
    const asked = performance.now()
    const answer = await this.post(this.tokenURL, this.credentials)
    if (!answer.access_token) throw new Error("SEEK gave no token; look at the client's credentials")
    this.token = answer.access_token
    this.expires = asked + (answer.expires_in - 60) * 1000
  },

  // GraphQL says in the body what is wrong, whatever the status is. A redirect would take token or secret to who knows where.
  async post(url, body, headers = {}) {
    const answer = await fetch(url, {
      method: 'POST',
      redirect: 'error',
      signal: AbortSignal.timeout(30_000),
      headers: { ...headers, 'Content-Type': 'application/json', 'User-Agent': this.userAgent },
      body: JSON.stringify(body),
    })
    return (await answer.json().catch(() => null)) ?? Promise.reject(new Error(`HTTP ${answer.status} without JSON`))
  },
}

// The worker goes through what is owed, one profile after the other, beside the requests and never in one: seek-poller waits for an
// answer, and SEEK may take its time. What is owed follows from the file, so it may be killed anywhere: it asks SEEK once more then.
async function work() {
  for (;;) {
    const [event, next] = due() ?? []
    if (!event) {
      await new Promise((resolve) => { wake = resolve; setTimeout(resolve, 5000) })
      continue
    }
    try {
      store.addProfile(event, ...(await seek.profile(next.id)))
    } catch (error) {
      console.error('a profile is asked for again later:', error.message)
      next.due = Date.now() + Math.min(5 * 2 ** next.tries++, 3600) * 1000 // so that it does not stand in the way
      await new Promise((resolve) => setTimeout(resolve, 5000))
    }
  }
}

function due() {
  for (const entry of store.owed) if (entry[1].due <= Date.now()) return entry
}

let wake = () => {}
let store
const server = createServer({ requestTimeout: 30_000 }, async (request, response) => {
  const [status, reason] = await receive(request).catch(() => [400, 'the body was cut off'])
  response.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8' }).end(reason)
})
const [host, port] = setting('HANDLER_LISTEN').split(/:(?=\d+$)/)
server.on('error', (error) => fail(error.message))
server.listen(port, host, () => {
  store = new Store(setting('HANDLER_DATABASE')) // not before: who has the port has the file to itself
  work()
  for (const signal of ['SIGTERM', 'SIGINT']) {
    process.on(signal, () => {
      server.close(() => process.exit(0)) // the requests that are under way are answered; the worker may stop anywhere
      server.closeIdleConnections()
      setTimeout(() => server.closeAllConnections(), 10_000).unref() // one that never brought a request is not idle to Node
    })
  }
})
