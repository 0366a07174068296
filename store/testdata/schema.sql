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
  wait_boot_id    TEXT, seen INTEGER NOT NULL DEFAULT 0, ledger_begins TEXT, types TEXT CHECK (types IS NULL OR json_valid(types)), deliver TEXT CHECK (deliver IS NULL OR json_valid(deliver)), made_by INTEGER REFERENCES actions (id), ended_by INTEGER REFERENCES actions (id),
  CHECK ((state = 'ended') = (ended_at IS NOT NULL)),
  CHECK ((last_error_kind IS NULL) = (last_error IS NULL)),
  CHECK (position <> '')
) STRICT;

CREATE UNIQUE INDEX cursors_live ON cursors (stream) WHERE kind = 'live' AND ended_at IS NULL;

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
, purge INTEGER REFERENCES actions (id), purged_at TEXT, at TEXT AS (coalesce(streamed_at, received_at)) VIRTUAL, candidate_id TEXT AS (json_extract(identifiers, '$.candidateId')) VIRTUAL, profile_id TEXT AS (coalesce(json_extract(identifiers, '$.candidateApplicationProfileId'), json_extract(identifiers, '$.candidateProfileId'))) VIRTUAL, position_id TEXT AS (coalesce(json_extract(identifiers, '$.positionProfileId'), json_extract(identifiers, '$.associatedPositionProfileId'), json_extract(identifiers, '$.seekPartnerPositionId'))) VIRTUAL) STRICT;

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
, owed_now INTEGER NOT NULL DEFAULT 0, dead_now INTEGER NOT NULL DEFAULT 0) STRICT, WITHOUT ROWID;

CREATE TABLE actions (
  id       INTEGER PRIMARY KEY AUTOINCREMENT,
  at       TEXT NOT NULL,
  actor    TEXT NOT NULL,
  verb     TEXT NOT NULL,
  reason   TEXT NOT NULL,
  selector TEXT,
  rows     INTEGER NOT NULL,
  undo     TEXT
, ended_at TEXT) STRICT;

CREATE INDEX events_search ON events (stream, type, at);

CREATE INDEX events_candidate ON events (candidate_id) WHERE candidate_id IS NOT NULL;

CREATE INDEX events_profile ON events (profile_id) WHERE profile_id IS NOT NULL;

CREATE INDEX events_position ON events (position_id) WHERE position_id IS NOT NULL;

CREATE INDEX events_hirer ON events (hirer_id) WHERE hirer_id IS NOT NULL;

CREATE INDEX events_hirer_search ON events (hirer_id, type, at) WHERE hirer_id IS NOT NULL;

CREATE INDEX events_payload ON events (seq) WHERE node IS NOT NULL;

CREATE INDEX events_purge ON events (seq) WHERE purge IS NOT NULL AND purged_at IS NULL;

CREATE INDEX events_query ON events (query_id);

CREATE TABLE tallies (
  stream TEXT NOT NULL,
  type   TEXT NOT NULL,
  hour   TEXT NOT NULL CHECK (hour GLOB '????-??-??T??'),
  events INTEGER NOT NULL,
  PRIMARY KEY (stream, type, hour)
) STRICT, WITHOUT ROWID;

CREATE TABLE chores (
  name   TEXT NOT NULL PRIMARY KEY,
  since  TEXT NOT NULL,
  wanted INTEGER NOT NULL DEFAULT 1 -- how often: whoever did it looks whether it was wanted once more meanwhile
) STRICT, WITHOUT ROWID;

CREATE TABLE "outbox" (
  seq              INTEGER NOT NULL REFERENCES events (seq),
  destination      TEXT NOT NULL REFERENCES destinations (name),
  due_at           TEXT CHECK (due_at GLOB '????-??-??T??:??:??.???Z'),
  attempts         INTEGER NOT NULL DEFAULT 0,
  spent            INTEGER NOT NULL DEFAULT 0, -- attempts before it was last owed anew, which count no more
  refusals         INTEGER NOT NULL DEFAULT 0, -- of this single event, since it was last owed anew
  created_at       TEXT NOT NULL,
  first_attempt_at TEXT,
  delivered_at     TEXT,
  dead_at          TEXT,                       -- given up: waits for a person
  discarded_at     TEXT,                       -- given up by a person
  last_status      INTEGER,
  last_detail      TEXT,
  action           INTEGER,                    -- the deed that last settled it, or had it owed anew; NULL: none
  PRIMARY KEY (destination, seq),
  CHECK ((due_at IS NOT NULL) + (delivered_at IS NOT NULL) + (dead_at IS NOT NULL) + (discarded_at IS NOT NULL) = 1),
  CHECK (delivered_at IS NULL OR attempts > spent),
  CHECK (spent BETWEEN 0 AND attempts),
  CHECK (refusals BETWEEN 0 AND attempts - spent),
  CHECK ((attempts = spent) = (first_attempt_at IS NULL))
) STRICT, WITHOUT ROWID;

CREATE TABLE "attempts" (
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
  PRIMARY KEY (destination, seq, attempt),
  FOREIGN KEY (destination, seq) REFERENCES "outbox" (destination, seq)
) STRICT, WITHOUT ROWID;

CREATE INDEX outbox_due ON outbox (destination, due_at, seq) WHERE due_at IS NOT NULL;

CREATE INDEX outbox_owed ON outbox (destination, seq) WHERE due_at IS NOT NULL;

CREATE INDEX outbox_dead ON outbox (destination, seq) WHERE dead_at IS NOT NULL;

CREATE INDEX outbox_discarded ON outbox (destination, seq) WHERE discarded_at IS NOT NULL;

CREATE INDEX attempts_together ON attempts (request_id) WHERE batch > 1 AND detail IS NOT NULL;

CREATE VIEW deliveries AS
SELECT o.seq, e.id AS event, e.stream, e.type, o.destination,
       CASE
         WHEN o.delivered_at IS NOT NULL THEN 'delivered'
         WHEN o.dead_at IS NOT NULL THEN 'dead'
         WHEN o.discarded_at IS NOT NULL THEN 'discarded'
         WHEN d.state <> 'active' THEN 'parked'
         WHEN o.attempts = o.spent THEN 'pending'
         ELSE 'retrying'
       END AS state,
       o.due_at, o.attempts, o.refusals, o.created_at, o.first_attempt_at, o.delivered_at, o.dead_at, o.discarded_at, o.action, o.last_status, o.last_detail
FROM outbox o
JOIN events e ON e.seq = o.seq
JOIN destinations d ON d.name = o.destination;

CREATE VIEW dead_letters AS
SELECT o.seq, e.id AS event, e.stream, e.type, o.destination, o.dead_at, o.attempts, o.last_status, o.last_detail
FROM outbox o
JOIN events e ON e.seq = o.seq
WHERE o.dead_at IS NOT NULL;

CREATE VIEW gaps AS
SELECT a.cursor_id, c.stream, a.query_id, iif(a.previous_id IS NULL, c.ledger_begins, p.cursor_after) AS expected, a.found
FROM (
  SELECT q.cursor_id, q.id AS query_id, q.cursor_before AS found,
         (SELECT b.id FROM queries b WHERE b.cursor_id = q.cursor_id AND b.id < q.id AND b.outcome = 'answered' ORDER BY b.id DESC LIMIT 1) AS previous_id
  FROM queries q
  WHERE q.outcome = 'answered'
) a
JOIN cursors c ON c.id = a.cursor_id
LEFT JOIN queries p ON p.id = a.previous_id
WHERE a.found IS NOT iif(a.previous_id IS NULL, c.ledger_begins, p.cursor_after)
UNION ALL
SELECT c.id, c.stream, NULL, iif(c.last_id IS NULL, c.ledger_begins, l.cursor_after), c.position
FROM (
  SELECT id, stream, position, ledger_begins,
         (SELECT q.id FROM queries q WHERE q.cursor_id = cursors.id AND q.outcome = 'answered' ORDER BY q.id DESC LIMIT 1) AS last_id
  FROM cursors
) c
LEFT JOIN queries l ON l.id = c.last_id
WHERE c.position IS NOT iif(c.last_id IS NULL, c.ledger_begins, l.cursor_after);

CREATE VIEW hurries AS
SELECT query_id, previous_id, request_id, sent_at, waited_ms, required_ms
FROM (
  SELECT q.id AS query_id, p.id AS previous_id, q.request_id, q.sent_at,
         max(q.interval_ms, p.retry_after_ms) AS required_ms,
         CASE
           WHEN q.boot_id = p.boot_id THEN q.sent_boot_ms - coalesce(p.ended_boot_ms, p.sent_boot_ms + p.timeout_ms)
           WHEN p.ended_boot_ms IS NULL THEN q.sent_boot_ms - q.started_boot_ms - p.timeout_ms
           ELSE q.sent_boot_ms - q.started_boot_ms
         END AS waited_ms
  FROM queries q
  JOIN queries p ON p.id = (SELECT max(b.id) FROM queries b WHERE b.id < q.id)
)
WHERE waited_ms < required_ms;

