"""Acquires with Python's standard library into the product's own tables, which the product made: the same rows, checks, counters and search
indexes, by the statements of its page transaction, and the slot in a transaction of its own. Flags and output are those of the package task."""
import json
import sqlite3
import time

from acquire import main

SLOT = """
INSERT INTO queries (cursor_id, sent_at, request_id, selection, first, cursor_before, interval_ms, timeout_ms, sent_boot_ms, boot_id, started_boot_ms)
SELECT 1, ?, 'bench', 'ids', 100, position, 0, 0, 1, 'bench', 0 FROM cursors WHERE id = 1"""
EVENT = """
INSERT OR ROLLBACK INTO events (id, stream, type, scheme, source, created_at, streamed_at, received_at, hirer_id, identifiers, cursor, query_id, node)
VALUES (?, 'bench', ?, ?, 'live', ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING"""
TALLY = """
INSERT INTO tallies (stream, type, hour, events)
SELECT stream, type, substr(at, 1, 13), count(*) FROM events NOT INDEXED WHERE seq > ? GROUP BY 1, 2, 3
ON CONFLICT (stream, type, hour) DO UPDATE SET events = events + excluded.events"""
DELIVERY = "INSERT OR ROLLBACK INTO outbox (seq, destination, due_at, created_at) VALUES (?, 'bench', ?, ?)"
OWED = "UPDATE destinations SET owed_now = owed_now + (SELECT count(*) FROM outbox WHERE destination = name AND seq > ?)"
CURSOR = """
UPDATE cursors SET state = ?, position = ?, last_event_at = ?, last_answer_at = ?, next_query_at = ?, events = events + ?, seen = seen + ?,
  pages = pages + 1, failures = 0, last_selection = 'ids', wait_ms = 0, wait_from = ?, wait_boot_ms = 1, wait_boot_id = 'bench'
WHERE id = 1"""
CLOSED = """
UPDATE queries SET ended_at = ?, outcome = 'answered', status = 200, events = ?, fresh = ?, known = 0, conflicts = 0, more = ?,
  cursor_after = (SELECT position FROM cursors WHERE id = cursor_id), ended_boot_ms = 1
WHERE id = ?"""


def open_database(path):
    db = sqlite3.connect(path, isolation_level=None)
    for setting in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=on", "secure_delete=on", "cache_size=-4000", "cache_spill=2000"):
        db.execute("PRAGMA " + setting)
    return db


def instant():
    return time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime())


def take_slot(db):
    db.execute("BEGIN IMMEDIATE")
    query = db.execute(SLOT, (instant(),)).lastrowid
    db.execute("UPDATE cursors SET last_query_at = ?, last_query_id = ? WHERE id = 1", (instant(), query))
    db.execute("COMMIT")
    return query


def row(edge, now, query):
    node = edge["node"]
    position = node["candidateApplicationProfile"]["associatedPositionProfile"]
    identifiers = {"associatedPositionProfileId": position["profileId"]["value"],
                   "candidateApplicationProfileId": node["candidateApplicationProfileId"], "candidateId": node["candidateId"]}
    return (node["id"]["value"], node["typeCode"], node["schemeId"], node["createDateTime"], edge["streamDateTime"], now,
            position["positionOrganizations"][0]["id"]["value"], json.dumps(identifiers), edge["cursor"], query, json.dumps(node))


def save(db, page, query):
    now, more, n = instant(), page["pageInfo"]["hasNextPage"], len(page["edges"])
    db.execute("BEGIN IMMEDIATE")
    newest = db.execute("SELECT coalesce(max(seq), 0) FROM events").fetchone()[0]
    db.executemany(EVENT, [row(edge, now, query) for edge in page["edges"]])
    db.execute(TALLY, (newest,))
    db.executemany(DELIVERY, [(seq, now, now) for seq in range(newest + 1, newest + 1 + n)])
    db.execute(OWED, (newest,))
    db.execute(CURSOR, ("behind" if more else "caught up", page["pageInfo"]["endCursor"], page["edges"][-1]["streamDateTime"], now, now, n, n, now))
    db.execute(CLOSED, (now, n, n, more, query))
    db.execute("COMMIT")


main(open_database, save, take_slot)
