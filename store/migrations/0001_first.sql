-- Everything that seek-poller remembers. Times are TEXT, RFC 3339, UTC, with milliseconds, so that they sort and a person can read them.
-- Columns whose names end in _boot_ms are milliseconds of the kernel's boot clock, which no change of the wall clock moves.

-- A cursor is the place reached in a stream. Read it with: SELECT * FROM cursors
CREATE TABLE cursors (
  id              INTEGER PRIMARY KEY AUTOINCREMENT,
  stream          TEXT NOT NULL,
  kind            TEXT NOT NULL CHECK (kind IN ('live', 'backfill', 'reconcile')),
  state           TEXT NOT NULL CHECK (state IN ('new', 'behind', 'caught up', 'stuck', 'ended')),
  last_event_at   TEXT,                       -- SEEK's time of the newest event applied
  caught_up_at    TEXT,                       -- when a last page was applied
  last_error_kind TEXT,
  last_error      TEXT,
  last_error_at   TEXT,
  next_query_at   TEXT,                       -- as foreseen when the last query ended; the wait_ columns decide
  last_query_at   TEXT,
  last_answer_at  TEXT,
  events          INTEGER NOT NULL DEFAULT 0, -- events that were new
  pages           INTEGER NOT NULL DEFAULT 0,
  failures        INTEGER NOT NULL DEFAULT 0, -- in a row
  since           TEXT,                       -- bounds of the queries by date; NULL: none
  until           TEXT,
  created_at      TEXT NOT NULL,
  ended_at        TEXT,
  position        TEXT,                       -- SEEK's cursor; NULL: before the first page
  fingerprint     TEXT NOT NULL,              -- of the settings that the position belongs to
  last_query_id   INTEGER NOT NULL DEFAULT 0,
  last_selection  TEXT,
  suspect         INTEGER NOT NULL DEFAULT 0, -- among so many events from here on is one that spoils its page; below 0: it is the next one
  wait_ms         INTEGER NOT NULL DEFAULT 0 CHECK (wait_ms >= 0),
  wait_from       TEXT,
  wait_boot_ms    INTEGER,
  wait_boot_id    TEXT,
  CHECK ((state = 'ended') = (ended_at IS NOT NULL)),
  CHECK ((last_error_kind IS NULL) = (last_error IS NULL)),
  CHECK (position <> '')
) STRICT;

CREATE UNIQUE INDEX cursors_live ON cursors (stream) WHERE kind = 'live' AND ended_at IS NULL;

-- The ledger: one row per events query, made before it is sent and closed when the exchange ends.
-- A row that is still open is a query whose process died; it counts as if it had lasted its whole time-out.
CREATE TABLE queries (
  id              INTEGER PRIMARY KEY AUTOINCREMENT,
  cursor_id       INTEGER NOT NULL REFERENCES cursors (id),
  sent_at         TEXT NOT NULL,
  ended_at        TEXT,
  outcome         TEXT CHECK (outcome <> ''), -- 'answered', or the kind of error
  error           TEXT,
  status          INTEGER,
  events          INTEGER,
  fresh           INTEGER,
  known           INTEGER,
  conflicts       INTEGER,                    -- known ids that came with another content
  more            INTEGER CHECK (more IN (0, 1)),
  request_id      TEXT NOT NULL,
  selection       TEXT NOT NULL,
  first           INTEGER NOT NULL,
  cursor_before   TEXT,
  cursor_after    TEXT,
  interval_ms     INTEGER NOT NULL CHECK (interval_ms >= 0),
  timeout_ms      INTEGER NOT NULL CHECK (timeout_ms >= 0),
  retry_after_ms  INTEGER NOT NULL DEFAULT 0 CHECK (retry_after_ms >= 0),
  sent_boot_ms    INTEGER NOT NULL,
  ended_boot_ms   INTEGER,
  boot_id         TEXT NOT NULL,
  started_boot_ms INTEGER NOT NULL,           -- the process's first reading of the clock
  CHECK ((ended_at IS NULL) = (outcome IS NULL)),
  CHECK ((outcome IS 'answered') = (more IS NOT NULL)),
  CHECK (ended_at IS NOT NULL OR ended_boot_ms IS NULL)
) STRICT;

CREATE INDEX queries_cursor ON queries (cursor_id, id);
CREATE INDEX queries_begun ON queries (cursor_id, cursor_before, id) WHERE outcome = 'answered';
CREATE INDEX queries_complete ON queries (cursor_id, id) WHERE more = 0;

-- Each event once, under SEEK's own id. A purge empties node and keeps the row, so that a purged event stays known.
CREATE TABLE events (
  seq          INTEGER PRIMARY KEY AUTOINCREMENT, -- order of arrival
  id           TEXT NOT NULL UNIQUE CHECK (id <> ''),
  stream       TEXT NOT NULL,
  type         TEXT NOT NULL,
  scheme       TEXT NOT NULL,
  source       TEXT NOT NULL CHECK (source IN ('live', 'backfill', 'reconcile')),
  created_at   TEXT,
  streamed_at  TEXT,
  received_at  TEXT NOT NULL,
  hirer_id     TEXT,
  identifiers  TEXT CHECK (identifiers IS NULL OR json_valid(identifiers)),
  refused      TEXT CHECK (refused IS NULL OR json_valid(refused)), -- fields that SEEK withheld
  unreadable   TEXT,                              -- why the node could not be decoded
  cursor       TEXT,                              -- the edge's cursor
  query_id     INTEGER NOT NULL REFERENCES queries (id),
  seen_again   INTEGER NOT NULL DEFAULT 0,
  last_seen_at TEXT,
  node         TEXT                               -- byte for byte as SEEK sent it
) STRICT;

CREATE INDEX events_missing ON events (seq) WHERE type = 'missing';

CREATE TABLE destinations (
  name            TEXT NOT NULL PRIMARY KEY CHECK (name <> ''),
  kind            TEXT NOT NULL,
  state           TEXT NOT NULL CHECK (state IN ('active', 'paused', 'parked', 'removed')),
  reason          TEXT,
  state_since     TEXT NOT NULL,
  last_success_at TEXT,
  last_failure_at TEXT,
  last_error      TEXT,
  failures        INTEGER NOT NULL DEFAULT 0, -- in a row
  not_before      TEXT,
  delivered       INTEGER NOT NULL DEFAULT 0,
  dead            INTEGER NOT NULL DEFAULT 0,
  created_at      TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- One row per event and destination. due_at is the state: set, the delivery is owed; empty, it is settled.
CREATE TABLE outbox (
  seq              INTEGER NOT NULL REFERENCES events (seq),
  destination      TEXT NOT NULL REFERENCES destinations (name),
  due_at           TEXT CHECK (due_at GLOB '????-??-??T??:??:??.???Z'),
  attempts         INTEGER NOT NULL DEFAULT 0,
  spent            INTEGER NOT NULL DEFAULT 0, -- attempts before it was last owed anew, which count no more
  refusals         INTEGER NOT NULL DEFAULT 0, -- of this single event, since it was last owed anew
  created_at       TEXT NOT NULL,
  first_attempt_at TEXT,
  delivered_at     TEXT,
  dead_at          TEXT,
  last_status      INTEGER,
  last_detail      TEXT,
  PRIMARY KEY (seq, destination),
  CHECK ((due_at IS NOT NULL) + (delivered_at IS NOT NULL) + (dead_at IS NOT NULL) = 1),
  CHECK (delivered_at IS NULL OR attempts > spent),
  CHECK (spent BETWEEN 0 AND attempts),
  CHECK (refusals BETWEEN 0 AND attempts - spent),
  CHECK ((attempts = spent) = (first_attempt_at IS NULL))
) STRICT, WITHOUT ROWID;

CREATE INDEX outbox_due ON outbox (destination, due_at, seq) WHERE due_at IS NOT NULL;
CREATE INDEX outbox_dead ON outbox (destination, seq) WHERE dead_at IS NOT NULL;

CREATE TABLE attempts (
  seq         INTEGER NOT NULL,
  destination TEXT NOT NULL,
  attempt     INTEGER NOT NULL CHECK (attempt > 0),
  started_at  TEXT NOT NULL,
  ended_at    TEXT NOT NULL,
  latency_ms  INTEGER NOT NULL,
  outcome     TEXT NOT NULL CHECK (outcome IN ('delivered', 'retry', 'dead', 'parked')),
  status      INTEGER,
  detail      TEXT,
  request_id  TEXT,
  batch       INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (seq, destination, attempt),
  FOREIGN KEY (seq, destination) REFERENCES outbox (seq, destination)
) STRICT, WITHOUT ROWID;

-- What people did, and how to undo it.
CREATE TABLE actions (
  id       INTEGER PRIMARY KEY AUTOINCREMENT,
  at       TEXT NOT NULL,
  actor    TEXT NOT NULL,
  verb     TEXT NOT NULL,
  reason   TEXT NOT NULL,
  selector TEXT,
  rows     INTEGER NOT NULL,
  undo     TEXT
) STRICT;

CREATE VIEW deliveries AS
SELECT o.seq, e.id AS event, e.stream, e.type, o.destination,
       CASE
         WHEN o.delivered_at IS NOT NULL THEN 'delivered'
         WHEN o.dead_at IS NOT NULL THEN 'dead'
         WHEN d.state <> 'active' THEN 'parked'
         WHEN o.attempts = o.spent THEN 'pending'
         ELSE 'retrying'
       END AS state,
       o.due_at, o.attempts, o.refusals, o.created_at, o.first_attempt_at, o.delivered_at, o.dead_at, o.last_status, o.last_detail
FROM outbox o
JOIN events e ON e.seq = o.seq
JOIN destinations d ON d.name = o.destination;

CREATE VIEW dead_letters AS
SELECT o.seq, e.id AS event, e.stream, e.type, o.destination, o.dead_at, o.attempts, o.last_status, o.last_detail
FROM outbox o
JOIN events e ON e.seq = o.seq
WHERE o.dead_at IS NOT NULL;

-- Must be empty: each answer of a cursor starts where the one before it ended, and the cursor stands where its last answer ended.
CREATE VIEW gaps AS
SELECT a.cursor_id, c.stream, a.query_id, a.expected, a.found
FROM (
  SELECT cursor_id, id AS query_id, cursor_before AS found,
         lag(cursor_after) OVER (PARTITION BY cursor_id ORDER BY id) AS expected
  FROM queries
  WHERE outcome = 'answered'
) a
JOIN cursors c ON c.id = a.cursor_id
WHERE a.found IS NOT a.expected
UNION ALL
SELECT c.id, c.stream, NULL, l.expected, c.position
FROM (
  SELECT id, stream, position,
         (SELECT max(q.id) FROM queries q WHERE q.cursor_id = cursors.id AND q.outcome = 'answered') AS last_id
  FROM cursors
) c
LEFT JOIN (SELECT id, cursor_after AS expected FROM queries) l ON l.id = c.last_id
WHERE c.position IS NOT l.expected;

-- Must be empty: no query was sent before the slot after the one before it was free. Where the boot id changed, nothing is known of the
-- time in between, and only the time since the process started counts.
CREATE VIEW hurries AS
SELECT id AS query_id, previous_id, request_id, sent_at, waited_ms, required_ms
FROM (
  SELECT id, previous_id, request_id, sent_at,
         max(interval_ms, previous_retry_after_ms) AS required_ms,
         CASE
           WHEN boot_id = previous_boot_id THEN sent_boot_ms - coalesce(previous_ended_boot_ms, previous_sent_boot_ms + previous_timeout_ms)
           WHEN previous_ended_boot_ms IS NULL THEN sent_boot_ms - started_boot_ms - previous_timeout_ms
           ELSE sent_boot_ms - started_boot_ms
         END AS waited_ms
  FROM (
    SELECT id, request_id, sent_at, interval_ms, sent_boot_ms, started_boot_ms, boot_id,
           lag(id) OVER w AS previous_id,
           lag(boot_id) OVER w AS previous_boot_id,
           lag(sent_boot_ms) OVER w AS previous_sent_boot_ms,
           lag(ended_boot_ms) OVER w AS previous_ended_boot_ms,
           lag(timeout_ms) OVER w AS previous_timeout_ms,
           lag(retry_after_ms) OVER w AS previous_retry_after_ms
    FROM queries
    WINDOW w AS (ORDER BY id)
  )
)
WHERE previous_id IS NOT NULL
  AND waited_ms < required_ms;
