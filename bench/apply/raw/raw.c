// Applies pages of 100 fresh events with SQLite alone: the statements of the product's page transaction, prepared once, a row at a time. It
// works on a database that the product made, so the schema, its checks and its indexes are the product's own.
//
//   raw -database FILE -events N -from SEED run
//   raw -database FILE -events N -from SEED fill    as many old events, with small nodes
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "sqlite3-binding.h"

enum { PAGE = 100 };

static sqlite3 *db;
static uint64_t seed;

static void die(const char *what) {
	fprintf(stderr, "%s: %s\n", what, sqlite3_errmsg(db));
	exit(1);
}

static void exec(const char *sql) {
	if (sqlite3_exec(db, sql, 0, 0, 0) != SQLITE_OK) die(sql);
}

static sqlite3_stmt *prepare(const char *sql) {
	sqlite3_stmt *s;
	if (sqlite3_prepare_v3(db, sql, -1, SQLITE_PREPARE_PERSISTENT, &s, 0) != SQLITE_OK) die(sql);
	return s;
}

// step runs a statement to its first row or its end, whichever comes first.
static void step(sqlite3_stmt *s) {
	int rc = sqlite3_step(s);
	if (rc != SQLITE_ROW && rc != SQLITE_DONE) die(sqlite3_sql(s));
}

static void text(sqlite3_stmt *s, int i, const char *value) {
	if (sqlite3_bind_text(s, i, value, -1, SQLITE_STATIC) != SQLITE_OK) die("bind");
}

// number is splitmix64.
static uint64_t number(void) {
	uint64_t z = (seed += 0x9e3779b97f4a7c15);
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return z ^ (z >> 31);
}

// An event as the corpus has it: new ids, but for 5,000 positions and 40 hirers.
struct event {
	char id[64], hirer[64], identifiers[512], cursor[64], at[32];
	char node[2200];
};

static void fresh_id(char *to, const char *kind) {
	sprintf(to, "seekAnz:%s:events:%016llx%016llx", kind, (unsigned long long)number(), (unsigned long long)number());
	to[53] = 0;
}

static void one_of(char *to, const char *kind, int n) {
	uint64_t kept = seed, which = number() % n;
	seed = which * 2654435761u;
	fresh_id(to, kind);
	seed = kept + 0x9e3779b97f4a7c15;
}

static void make(struct event *e, long n, int smallest, int spread) {
	char profile[64], candidate[64], position[64];
	time_t when = 1772323200 + n; // 2026-03-01
	struct tm t;
	fresh_id(e->id, "event");
	fresh_id(profile, "candidateProfile");
	fresh_id(candidate, "candidate");
	one_of(position, "positionProfile", 5000);
	one_of(e->hirer, "organization", 40);
	sprintf(e->identifiers, "{\"associatedPositionProfileId\":\"%s\",\"candidateApplicationProfileId\":\"%s\",\"candidateId\":\"%s\"}", position, profile, candidate);
	sprintf(e->cursor, "seekAnz:cursor:%012ld", n);
	strftime(e->at, sizeof e->at, "%Y-%m-%dT%H:%M:%S.000Z", gmtime_r(&when, &t));
	int size = smallest + (spread ? number() % spread : 0);
	memset(e->node, 'x', size);
	e->node[size] = 0;
}

static const char *insert_event =
	"INSERT OR ROLLBACK INTO events (id, stream, type, scheme, source, created_at, streamed_at, received_at, hirer_id, identifiers, refused,"
	" unreadable, cursor, query_id, node) VALUES (?1, 'bench', 'CandidateApplicationCreated', 'seekAnz', 'live', ?2, ?2, ?3, ?4, ?5, NULL, NULL, ?6, ?7, ?8)"
	" ON CONFLICT (id) DO NOTHING";
static const char *insert_delivery =
	"INSERT OR ROLLBACK INTO outbox (seq, destination, due_at, created_at) VALUES (?1, 'bench', ?2, ?2) ON CONFLICT (destination, seq) DO NOTHING";

static sqlite3_stmt *begin_, *commit_, *check, *event, *count, *tally, *delivery, *owed, *cursor, *closed, *slot, *asked;

static void prepare_all(void) {
	begin_ = prepare("BEGIN IMMEDIATE");
	commit_ = prepare("COMMIT");
	check = prepare("SELECT ended_at IS NULL, (SELECT coalesce(max(seq), 0) FROM events) FROM queries WHERE id = ?");
	event = prepare(insert_event);
	count = prepare("SELECT count(*), coalesce(min(seq), 0), coalesce(max(seq), 0) FROM events WHERE seq > ?");
	tally = prepare("INSERT INTO tallies (stream, type, hour, events) SELECT stream, type, substr(at, 1, 13), count(*) FROM events NOT INDEXED"
		" WHERE seq > ? GROUP BY 1, 2, 3 ON CONFLICT (stream, type, hour) DO UPDATE SET events = events + excluded.events");
	delivery = prepare(insert_delivery);
	owed = prepare("UPDATE destinations SET owed_now = owed_now + (SELECT count(*) FROM outbox WHERE destination = name AND seq > ?1)"
		" WHERE EXISTS (SELECT 1 FROM outbox WHERE destination = name AND seq > ?1)");
	cursor = prepare("UPDATE cursors SET state = 'behind', position = ?1, last_event_at = nullif(max(coalesce(last_event_at, ''), ?2), ''),"
		" ended_at = NULL, last_answer_at = ?3, next_query_at = ?3, last_error_kind = NULL, last_error = NULL, last_error_at = NULL,"
		" events = events + 100, seen = seen + 100, pages = pages + 1, failures = 0, last_selection = 'ids', suspect = 0,"
		" wait_ms = 0, wait_from = ?3, wait_boot_ms = 1, wait_boot_id = 'bench' WHERE id = 1 AND ended_at IS NULL");
	closed = prepare("UPDATE queries SET ended_at = ?1, outcome = 'answered', status = 200, events = 100, fresh = 100, known = 0, conflicts = 0, more = 1,"
		" cursor_after = (SELECT position FROM cursors WHERE id = cursor_id), ended_boot_ms = 1 WHERE id = ?2 AND ended_at IS NULL");
	slot = prepare("INSERT INTO queries (cursor_id, sent_at, request_id, selection, first, cursor_before, interval_ms, timeout_ms, sent_boot_ms, boot_id, started_boot_ms)"
		" SELECT 1, ?1, 'bench', 'ids', 100, position, 0, 0, 1, 'bench', 0 FROM cursors WHERE id = 1");
	asked = prepare("UPDATE cursors SET last_query_at = ?1, last_query_id = ?2 WHERE id = 1");
}

static void run(sqlite3_stmt *s) {
	step(s);
	sqlite3_reset(s);
}

static sqlite3_int64 take(const char *now) {
	run(begin_);
	text(slot, 1, now);
	run(slot);
	sqlite3_int64 id = sqlite3_last_insert_rowid(db);
	text(asked, 1, now);
	sqlite3_bind_int64(asked, 2, id);
	run(asked);
	run(commit_);
	return id;
}

static void add_event(struct event *e, const char *now, sqlite3_int64 query) {
	text(event, 1, e->id);
	text(event, 2, e->at);
	text(event, 3, now);
	text(event, 4, e->hirer);
	text(event, 5, e->identifiers);
	text(event, 6, e->cursor);
	sqlite3_bind_int64(event, 7, query);
	text(event, 8, e->node);
	run(event);
}

static void owe(sqlite3_int64 seq, const char *now) {
	sqlite3_bind_int64(delivery, 1, seq);
	text(delivery, 2, now);
	run(delivery);
}

static void save(struct event *page, const char *now, sqlite3_int64 query) {
	run(begin_);
	sqlite3_bind_int64(check, 1, query);
	step(check);
	sqlite3_int64 newest = sqlite3_column_int64(check, 1);
	sqlite3_reset(check);
	for (int i = 0; i < PAGE; i++) add_event(&page[i], now, query);
	sqlite3_bind_int64(count, 1, newest);
	step(count);
	if (sqlite3_column_int(count, 0) != PAGE) die("an event was known");
	sqlite3_reset(count);
	sqlite3_bind_int64(tally, 1, newest);
	run(tally);
	for (int i = 1; i <= PAGE; i++) owe(newest + i, now);
	sqlite3_bind_int64(owed, 1, newest);
	run(owed);
	text(cursor, 1, page[PAGE - 1].cursor);
	text(cursor, 2, page[PAGE - 1].at);
	text(cursor, 3, now);
	run(cursor);
	text(closed, 1, now);
	sqlite3_bind_int64(closed, 2, query);
	run(closed);
	run(commit_);
}

static double cpu(void) {
	struct rusage used;
	getrusage(RUSAGE_SELF, &used);
	return used.ru_utime.tv_sec + used.ru_stime.tv_sec + (used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

static double wall(void) {
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

static const char *now = "2026-03-02T00:00:00.000Z";

static void apply(long events, long from) {
	static struct event page[PAGE];
	double took = 0, used = 0;
	for (long n = 0; n < events; n += PAGE) {
		for (int i = 0; i < PAGE; i++) make(&page[i], from + n + i, 600, 1500);
		sqlite3_int64 query = take(now);
		double began = wall(), before = cpu();
		save(page, now, query);
		took += wall() - began;
		used += cpu() - before;
	}
	printf("{\"events\":%ld,\"seconds\":%f,\"cpu_seconds\":%f}\n", events, took, used);
}

// fill adds old events one by one, with memory for all of their indexes: so these are as full, and as scattered, as those of a database that grew.
// An index that is made of rows that are there is packed to the brim, and the next insert into each of its pages splits it.
static void fill(long events, long from) {
	static struct event e;
	exec("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA foreign_keys=off; PRAGMA cache_size=-10000000");
	sqlite3_int64 query = take(now);
	exec("BEGIN");
	event = prepare(insert_event);
	delivery = prepare(insert_delivery);
	for (long i = 0; i < events; i++) {
		make(&e, from + i, 200, 0);
		add_event(&e, now, query);
		owe(sqlite3_last_insert_rowid(db), now);
		if ((i + 1) % 500000 == 0) fprintf(stderr, "%ld of %ld events\n", i + 1, events);
	}
	exec("COMMIT");
	exec("INSERT INTO tallies SELECT stream, type, substr(at, 1, 13), count(*) FROM events NOT INDEXED WHERE true GROUP BY 1, 2, 3"
		" ON CONFLICT (stream, type, hour) DO UPDATE SET events = events + excluded.events");
	exec("UPDATE destinations SET owed_now = (SELECT count(*) FROM outbox)");
	text(closed, 1, now);
	sqlite3_bind_int64(closed, 2, query);
	run(closed);
	exec("PRAGMA journal_mode=WAL");
}

int main(int argc, char **argv) {
	const char *path = "";
	long events = 0, from = 0;
	for (int i = 1; i + 1 < argc; i += 2) {
		if (!strcmp(argv[i], "-database")) path = argv[i + 1];
		if (!strcmp(argv[i], "-events")) events = atol(argv[i + 1]);
		if (!strcmp(argv[i], "-from")) from = atol(argv[i + 1]);
	}
	seed = 1 + from * 1000003ull;
	if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, 0) != SQLITE_OK) die(path);
	// The settings of the product's writing connection.
	exec("PRAGMA busy_timeout=5000; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=on; PRAGMA secure_delete=on;"
		" PRAGMA cache_size=-4000; PRAGMA cache_spill=2000; PRAGMA journal_size_limit=16777216");
	prepare_all();
	if (!strcmp(argv[argc - 1], "fill")) fill(events, from);
	else apply(events, from);
	return 0;
}
