-- What support needs: search by the ids that people are given, figures that no longer have to be counted, deeds with their record, bounded
-- stretches beside the live cursors, and a ledger that may be shortened.

DROP VIEW deliveries;
DROP VIEW dead_letters;
DROP VIEW gaps;
DROP VIEW hurries;

-- What people did, and how to undo it. Rows are counted as they are changed: a deed that changes many does so in several transactions.
ALTER TABLE actions ADD COLUMN ended_at TEXT; -- NULL: it did not finish

ALTER TABLE cursors ADD COLUMN seen INTEGER NOT NULL DEFAULT 0;             -- events on its pages, known ones too
ALTER TABLE cursors ADD COLUMN ledger_begins TEXT;                          -- where its first query that is still in the ledger had to begin
ALTER TABLE cursors ADD COLUMN types TEXT CHECK (types IS NULL OR json_valid(types));       -- of a stretch; NULL: the stream's
ALTER TABLE cursors ADD COLUMN deliver TEXT CHECK (deliver IS NULL OR json_valid(deliver)); -- of a stretch: to whom new events go; NULL: to all who take them
ALTER TABLE cursors ADD COLUMN made_by INTEGER REFERENCES actions (id);     -- NULL: by the daemon
ALTER TABLE cursors ADD COLUMN ended_by INTEGER REFERENCES actions (id);    -- NULL: by its last page
UPDATE cursors SET seen = (SELECT coalesce(sum(events), 0) FROM queries WHERE cursor_id = cursors.id AND outcome = 'answered');

ALTER TABLE events ADD COLUMN purge INTEGER REFERENCES actions (id);        -- the purge that wants it emptied
ALTER TABLE events ADD COLUMN purged_at TEXT;                               -- when that was done
ALTER TABLE events ADD COLUMN at TEXT AS (coalesce(streamed_at, received_at)) VIRTUAL;
ALTER TABLE events ADD COLUMN candidate_id TEXT AS (json_extract(identifiers, '$.candidateId')) VIRTUAL;
ALTER TABLE events ADD COLUMN profile_id TEXT AS (coalesce(json_extract(identifiers, '$.candidateApplicationProfileId'), json_extract(identifiers, '$.candidateProfileId'))) VIRTUAL;
ALTER TABLE events ADD COLUMN position_id TEXT AS (coalesce(json_extract(identifiers, '$.positionProfileId'), json_extract(identifiers, '$.associatedPositionProfileId'), json_extract(identifiers, '$.seekPartnerPositionId'))) VIRTUAL;

CREATE INDEX events_search ON events (stream, type, at);
CREATE INDEX events_candidate ON events (candidate_id) WHERE candidate_id IS NOT NULL;
CREATE INDEX events_profile ON events (profile_id) WHERE profile_id IS NOT NULL;
CREATE INDEX events_position ON events (position_id) WHERE position_id IS NOT NULL;
CREATE INDEX events_hirer ON events (hirer_id) WHERE hirer_id IS NOT NULL;
CREATE INDEX events_hirer_search ON events (hirer_id, type, at) WHERE hirer_id IS NOT NULL;
CREATE INDEX events_payload ON events (seq) WHERE node IS NOT NULL;
CREATE INDEX events_purge ON events (seq) WHERE purge IS NOT NULL AND purged_at IS NULL;
CREATE INDEX events_query ON events (query_id);

-- How many events there are of each hour, by SEEK's time on the stream.
CREATE TABLE tallies (
  stream TEXT NOT NULL,
  type   TEXT NOT NULL,
  hour   TEXT NOT NULL CHECK (hour GLOB '????-??-??T??'),
  events INTEGER NOT NULL,
  PRIMARY KEY (stream, type, hour)
) STRICT, WITHOUT ROWID;

INSERT INTO tallies
SELECT stream, type, substr(at, 1, 13), count(*)
FROM events
GROUP BY 1, 2, 3;

-- What is still to be done in the background, and since when. 'wipe': rows were purged, and bytes of them may be left between others.
CREATE TABLE chores (
  name   TEXT NOT NULL PRIMARY KEY,
  since  TEXT NOT NULL,
  wanted INTEGER NOT NULL DEFAULT 1 -- how often: whoever did it looks whether it was wanted once more meanwhile
) STRICT, WITHOUT ROWID;

-- One row per event and destination. One of four is set and says how it stands: due_at, it is owed; or when and how it was settled.
CREATE TABLE new_outbox (
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

INSERT INTO new_outbox (seq, destination, due_at, attempts, spent, refusals, created_at, first_attempt_at, delivered_at, dead_at, last_status, last_detail)
SELECT seq, destination, due_at, attempts, spent, refusals, created_at, first_attempt_at, delivered_at, dead_at, last_status, last_detail
FROM outbox
ORDER BY destination, seq;

CREATE TABLE new_attempts (
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
  FOREIGN KEY (destination, seq) REFERENCES new_outbox (destination, seq)
) STRICT, WITHOUT ROWID;

INSERT INTO new_attempts
SELECT * FROM attempts
ORDER BY destination, seq, attempt;

DROP TABLE attempts;
DROP TABLE outbox;
ALTER TABLE new_outbox RENAME TO outbox;
ALTER TABLE new_attempts RENAME TO attempts;

CREATE INDEX outbox_due ON outbox (destination, due_at, seq) WHERE due_at IS NOT NULL;
CREATE INDEX outbox_owed ON outbox (destination, seq) WHERE due_at IS NOT NULL;
CREATE INDEX outbox_dead ON outbox (destination, seq) WHERE dead_at IS NOT NULL;
CREATE INDEX outbox_discarded ON outbox (destination, seq) WHERE discarded_at IS NOT NULL;
CREATE INDEX attempts_together ON attempts (request_id) WHERE batch > 1 AND detail IS NOT NULL; -- what was said of several events at once

-- delivered and dead count what was ever settled so; these two count what is so now.
ALTER TABLE destinations ADD COLUMN owed_now INTEGER NOT NULL DEFAULT 0;
ALTER TABLE destinations ADD COLUMN dead_now INTEGER NOT NULL DEFAULT 0;
UPDATE destinations
SET owed_now = (SELECT count(*) FROM outbox WHERE destination = name AND due_at IS NOT NULL),
    dead_now = (SELECT count(*) FROM outbox WHERE destination = name AND dead_at IS NOT NULL);

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

-- Must be empty: each answer of a cursor starts where the one before it ended, and the cursor stands where its last answer ended.
-- Rows before and after each other are found by index, so that a part of the ledger can be looked at by query_id.
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

-- Must be empty: no query was sent before the slot after the one before it was free. Where the boot id changed, nothing is known of the
-- time in between, and only the time since the process started counts.
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
