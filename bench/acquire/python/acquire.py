"""Acquires with Python's standard library alone. Flags and output are those of the package task."""
import argparse
import json
import sqlite3
import time
import urllib.request

QUERY = """query($after: String, $first: Int!) { events(schemeId: "seekAnz", after: $after, first: $first) {
  edges { cursor streamDateTime node { __typename id { value } typeCode schemeId createDateTime } } pageInfo { endCursor hasNextPage } } }"""

SCHEMA = """
CREATE TABLE IF NOT EXISTS events (id TEXT PRIMARY KEY, type TEXT NOT NULL, created_at TEXT NOT NULL, streamed_at TEXT NOT NULL, node TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS outbox (id TEXT NOT NULL, destination TEXT NOT NULL, due_at TEXT, PRIMARY KEY (id, destination));
CREATE TABLE IF NOT EXISTS cursors (stream TEXT PRIMARY KEY, position TEXT NOT NULL);
"""


def open_database(path):
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("PRAGMA journal_mode=WAL")
    db.execute("PRAGMA synchronous=FULL")
    db.executescript(SCHEMA)
    return db


def fetch(url, after):
    body = json.dumps({"query": QUERY, "variables": {"after": after, "first": 100}}).encode()
    request = urllib.request.Request(url + "graphql", body, {"Content-Type": "application/json", "Authorization": "Bearer bench"})
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)["data"]["events"]


def save(db, page, _):
    nodes = [(edge["node"], edge["streamDateTime"]) for edge in page["edges"]]
    now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    db.execute("BEGIN IMMEDIATE")
    db.executemany("INSERT INTO events VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
                   [(n["id"]["value"], n["typeCode"], n["createDateTime"], at, json.dumps(n)) for n, at in nodes])
    db.executemany("INSERT INTO outbox VALUES (?, 'bench', ?) ON CONFLICT DO NOTHING", [(n["id"]["value"], now) for n, _ in nodes])
    db.execute("INSERT INTO cursors VALUES ('bench', ?) ON CONFLICT (stream) DO UPDATE SET position = excluded.position",
               (page["pageInfo"]["endCursor"],))
    db.execute("COMMIT")


def main(open_database, save, take_slot=lambda db: None):
    """take_slot is called before each query, and save gets what it returned."""
    flags = argparse.ArgumentParser()
    for name in ("-url", "-database", "-events", "-parallel"):
        flags.add_argument(name)
    flags.add_argument("verb")
    asked = flags.parse_args()
    if asked.verb == "prepare":
        return
    db = open_database(asked.database)
    began, after, more = time.perf_counter(), None, True
    while more:
        slot = take_slot(db)
        page = fetch(asked.url, after)
        save(db, page, slot)
        after, more = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]
    seconds = time.perf_counter() - began
    print(json.dumps({"events": db.execute("SELECT count(*) FROM outbox").fetchone()[0], "seconds": seconds}))


if __name__ == "__main__":
    main(open_database, save)
