package store_test

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"seekpoller/internal/powercut"
	"seekpoller/store"
)

// alone is the test of a process that is none: what fails ends it.
type alone struct{ testing.TB }

func (alone) Helper() {}

func (alone) Fatal(args ...any) {
	fmt.Fprintln(os.Stderr, args...)
	os.Exit(1)
}

func (a alone) Fatalf(format string, args ...any) { a.Fatal(fmt.Sprintf(format, args...)) }

// life is a process that works on a database and notes each time, as a SELECT that finds true from then on, what the store has confirmed.
type life struct {
	*world
	notes   *os.File
	cursors []store.Cursor
	round   int
	events  int
	tries   int
}

func newLife(path string) *life {
	l := &life{world: &world{t: alone{}, clock: newClock(), path: path}}
	var err error
	l.notes, err = os.OpenFile(os.Getenv(powercut.Notes), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	l.must(err)
	return l
}

// note is one write, so that its place among the others is known. law is what is broken if query is not true after a power cut.
func (l *life) note(law, query string, args ...any) {
	_, err := fmt.Fprintf(l.notes, "%s\t%s", law, strings.Join(strings.Fields(fmt.Sprintf(query, args...)), " "))
	l.must(err)
}

// firstLife begins without anything and ends like a process that is killed.
func firstLife(path string) error {
	l := newLife(path)
	l.open(true)
	l.note("creation", "SELECT 1")
	l.begin()
	for range 14 {
		l.query()
		switch l.round {
		case 4, 11:
			l.restart()
		case 6:
			l.purgeOne()
		case 8:
			b, err := l.s.Backup(context.Background(), "")
			l.must(err)
			l.must(b.Close())
		case 9:
			l.steps(l.s.NewUpkeep(store.Retention{Payloads: 2 * time.Minute}, l.clock.wall, time.Now))
			l.note("retention", "SELECT count(*) > 0 FROM events WHERE node IS NULL AND purge IS NULL")
		}
	}
	return nil
}

// creation makes a database and does nothing with it.
func creation(path string) error {
	l := newLife(path)
	l.open(true)
	l.note("creation", "SELECT 1")
	return l.s.Close()
}

// secondLife begins with what the first one left, after a reboot, and ends well.
func secondLife(path string) error {
	l := newLife(path)
	l.clock.pass(24 * time.Hour)
	l.clock.id, l.events = "boot-2", 5000
	l.open(false)
	l.begin()
	for range 3 {
		l.query()
	}
	return l.s.Close()
}

func (l *life) begin() {
	l.destinations("ats", "spool")
	l.note("destination", "SELECT count(*) = 2 FROM destinations")
	l.cursors = []store.Cursor{l.live("applications"), l.live("positions")}
	l.note("cursor", "SELECT count(*) = 2 FROM cursors WHERE ended_at IS NULL")
}

// query is one query, what comes of it, and a deed.
func (l *life) query() {
	// The log is brought into the file as often as in years, and not in ten megabytes of writes.
	writer, _ := l.s.Pools()
	_, err := writer.Exec("PRAGMA wal_autocheckpoint = 25")
	l.must(err)
	l.round++
	q := l.take(l.cursors[l.round%2].ID)
	l.note("slot", "SELECT count(*) = 1 FROM queries WHERE id = %d AND request_id = '%s' AND sent_boot_ms = %d", q.ID, q.RequestID, l.clock.boot.Milliseconds())
	if l.round%5 == 0 {
		l.clock.pass(time.Second)
		l.must(l.s.Fail(context.Background(), q, store.Failure{Kind: "transient", Message: "503"}, l.clock.now()))
		l.note("failure", "SELECT outcome = 'transient' FROM queries WHERE id = %d", q.ID)
	} else {
		l.page(q)
	}
	for _, dest := range []string{"ats", "spool"} {
		l.send(dest)
	}
	l.act()
}

// page has from 1 to 7 events; one of them may be longer than a page of the database.
func (l *life) page(q store.Query) {
	var page []store.Event
	for range 1 + l.round*3%7 {
		l.events++
		e := person(l.events, l.person())
		if l.events%6 == 0 {
			e.Node = []byte(`{"name":"` + strings.Repeat("x", 2000*(l.events%5+1)) + `"}`)
		} else if l.events%3 == 1 {
			e.Node = []byte(`{"name":"` + strings.Repeat(l.person(), 1+l.events*7%20) + `"}`)
		}
		page = append(page, e)
	}
	position := fmt.Sprint("p", l.events)
	saved := l.save(q, store.Page{Events: page, Position: position, State: store.Behind, More: true, Status: 200})
	l.note("page", "SELECT outcome = 'answered' AND fresh = %d AND cursor_after = '%s' FROM queries WHERE id = %d", saved.Fresh, position, q.ID)
	l.note("events of a page", "SELECT count(*) = %d FROM events WHERE query_id = %d", saved.Fresh, q.ID)
	l.note("deliveries of a page", "SELECT count(*) = %d FROM outbox WHERE seq BETWEEN %d AND %d", saved.Deliveries, saved.FirstSeq, saved.LastSeq)
	l.note("cursor of a page", "SELECT pages >= 1 AND substr(position, 2) + 0 >= %d FROM cursors WHERE id = %d", l.events, q.Cursor.ID)
}

// toBePurged applies often, until everything of it is purged. In some events it is so long that SQLite has to move others.
const toBePurged = "canary-of-the-purged"

func (l *life) person() string {
	if l.round <= 6 && l.events%3 == 1 {
		return toBePurged
	}
	return fmt.Sprint("c", l.events%9)
}

// send claims and settles, in every way.
func (l *life) send(dest string) {
	claimed := l.claim(dest, 2+l.round%4)
	if len(claimed) == 0 {
		return
	}
	var tries, results, arrived []string
	var ss []store.Settlement
	for _, d := range claimed {
		outcome := []string{store.Delivered, store.Delivered, store.Retry, store.Delivered, store.Dead}[l.tries%5]
		l.tries++
		ss = append(ss, l.result(d, outcome))
		tries = append(tries, fmt.Sprintf("seq = %d AND attempts >= %d", d.Event.Seq, d.Attempt))
		results = append(results, fmt.Sprintf("(%d, %d, '%s')", d.Event.Seq, d.Attempt, outcome))
		if outcome == store.Delivered {
			arrived = append(arrived, fmt.Sprint(d.Event.Seq))
		}
	}
	l.note("claim", "SELECT count(*) = %d FROM outbox WHERE destination = '%s' AND (%s)", len(tries), dest, strings.Join(tries, " OR "))
	l.settle(dest, ss...)
	l.note("settlement", "SELECT count(*) = %d FROM attempts WHERE destination = '%s' AND (seq, attempt, outcome) IN (VALUES %s)", len(results), dest, strings.Join(results, ", "))
	l.note("delivered", "SELECT count(*) = %d FROM outbox WHERE destination = '%s' AND seq IN (%s) AND (delivered_at IS NOT NULL OR action IS NOT NULL)", len(arrived), dest, strings.Join(arrived, ", "))
}

// act is what a person does, another thing each time.
func (l *life) act() {
	ctx := context.Background()
	dead := store.DeliveryChoice{Destinations: []string{"ats", "spool"}, States: []string{store.Dead}}
	var a store.Action
	var err error
	switch l.round % 6 {
	case 1:
		a, err = l.s.Pause(ctx, l.deed("destinations pause"), "spool")
	case 2:
		a, err = l.s.Resume(ctx, l.deed("destinations resume"), "spool")
	case 3:
		a, err = l.s.Retry(ctx, l.deed("deliveries retry"), dead, 10)
	case 4:
		a, err = l.s.Discard(ctx, l.deed("deliveries discard"), dead)
	case 5:
		a, err = l.s.Replay(ctx, l.deed("events replay"), store.Replay{Destination: "ats", EventID: event(1).ID, Rate: 10}, time.Now)
	default:
		return
	}
	l.must(err)
	l.note("deed", "SELECT count(*) = 1 FROM actions WHERE id = %d AND rows = %d AND ended_at IS NOT NULL", a.ID, a.Rows)
}

// wiped is the law from which on no byte is left of the purged.
const wiped = "wiping"

func (l *life) purgeOne() {
	// What is owed is emptied later: nothing is, now.
	all := store.DeliveryChoice{Destinations: []string{"ats", "spool"}, States: []string{store.Owed, store.Dead}}
	_, err := l.s.Discard(context.Background(), l.deed("deliveries discard"), all)
	l.must(err)
	a, emptied := l.purge(store.Purge{Candidate: toBePurged})
	l.note("purge", "SELECT count(*) = %d FROM events WHERE purge = %d AND purged_at IS NOT NULL AND coalesce(node, identifiers, hirer_id) IS NULL", emptied, a.ID)
	l.note("purge", "SELECT count(*) = 0 FROM events WHERE candidate_id = '%s'", toBePurged)
	l.wipe()
	l.note(wiped, "SELECT count(*) = 0 FROM chores")
}

// upgrading is a process that finds a database of the first version.
func upgrading(path string) error {
	l := newLife(path)
	s, err := store.Open(context.Background(), path, store.Options{Started: upgradedAt})
	if err != nil {
		return err
	}
	l.note("upgrade", "SELECT user_version = %d FROM pragma_user_version", len(store.Migrations()))
	l.note("upgrade", "SELECT sum(owed_now) = 38 FROM destinations")
	return s.Close()
}
