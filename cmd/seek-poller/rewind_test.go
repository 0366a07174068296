package main

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"seekpoller/internal/admin"
	"seekpoller/internal/simulator"
	"seekpoller/store"
)

func (l *life) asker() *admin.Client { return admin.Within(l.daemon.admin.Inside("tester (uid 1)")) }

// previewed looks at a deed and then does it: what it says must be what it does, and the record has it.
func (l *life) previewed(verb string, args any) (seen, done admin.Outcome) {
	l.site.t.Helper()
	ctx := context.Background()
	before := l.site.count("SELECT count(*) FROM actions")
	seen, err := l.asker().Do(ctx, verb, admin.Order{}, args)
	if err != nil {
		l.site.t.Fatalf("%s, dry: %v", verb, err)
	}
	if n := l.site.count("SELECT count(*) FROM actions"); seen.Done || n != before {
		l.site.t.Errorf("%s, dry: done %v, %d actions more", verb, seen.Done, n-before)
	}
	done, err = l.asker().Do(ctx, verb, admin.Order{Yes: true, Reason: "a test"}, args)
	if err != nil {
		l.site.t.Fatalf("%s: %v", verb, err)
	}
	if !done.Done || done.Rows != seen.Rows || done.Action == 0 || done.Undo == "" {
		l.site.t.Errorf("%s: previewed %+v, done %+v", verb, seen, done)
	}
	actions, err := l.daemon.store.Actions(ctx, 0, 1)
	if err != nil || len(actions) != 1 || actions[0].ID != done.Action || actions[0].Actor != "tester (uid 1)" || actions[0].Verb != verb ||
		actions[0].Reason != "a test" || actions[0].Rows != done.Rows || actions[0].Undo != done.Undo || actions[0].EndedAt.IsZero() {
		l.site.t.Errorf("%s: the record has %+v (%v), done was %+v", verb, actions, err, done)
	}
	return seen, done
}

// refused holds that a deed is refused, dry and in earnest, with words, and changes nothing.
func (l *life) refused(verb string, args any, status int, says string) {
	l.site.t.Helper()
	cursors := l.site.count("SELECT count(*) FROM cursors")
	for _, o := range []admin.Order{{}, {Yes: true, Reason: "a test"}} {
		_, err := l.asker().Do(context.Background(), verb, o, args)
		var e *admin.Error
		if !errors.As(err, &e) || e.Status != status || !strings.Contains(e.What+"\n"+e.Todo, says) {
			l.site.t.Errorf("%s %+v: %v, want %d and …%s…", verb, args, err, status, says)
		}
	}
	if n := l.site.count("SELECT count(*) FROM cursors"); n != cursors {
		l.site.t.Errorf("%s %+v was refused and made %d cursors", verb, args, n-cursors)
	}
}

func fact(t *testing.T, o admin.Outcome, name string) float64 {
	t.Helper()
	n, ok := o.Facts.(map[string]any)[name].(float64)
	if !ok {
		t.Fatalf("no fact %s in %+v", name, o.Facts)
	}
	return n
}

// settled holds that nothing is lost, and that nobody was told anything twice.
func (s *site) settled() {
	s.t.Helper()
	s.check(true)
	if c := simulator.Compare(s.seek, s.receiver.Accepted()); len(c.Twice) > 0 {
		s.t.Errorf("the receiver was told twice of %v", c.Twice)
	}
	if n := s.seek.Report().Doubtful + s.seek.Report().Repeats; n != 0 {
		s.t.Errorf("%d queries came early, want none", n)
	}
}

// text asks the database for one text.
func (s *site) text(query string) (text string) {
	s.t.Helper()
	db, err := sql.Open("sqlite3", "file:"+s.cfg.Database+"?mode=ro&_busy_timeout=5000")
	if err != nil {
		s.t.Fatal(err)
	}
	defer db.Close()
	if err := db.QueryRow(query).Scan(&text); err != nil {
		s.t.Fatalf("%s: %v", query, err)
	}
	return text
}

// TestRewindToAnEvent: what came since comes again, in as many pages as was said, and nobody is told of it; an event that SEEK has put in since
// is found and told. The first query waits for the quiet time that SEEK is owed.
func TestRewindToAnEvent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t, simulator.Options{Seed: 41, Plain: true})
		ids := s.seek.AddHistory(350, 48*time.Hour)
		life := s.start()
		time.Sleep(5 * time.Minute)
		late := s.seek.AddEvents(simulator.Spec{StreamedAt: time.Now().Add(-time.Hour)})
		seen, done := life.previewed("cursors rewind", admin.RewindArgs{Stream: "all", ToEvent: ids[119]})
		if known, pages := fact(t, seen, "known"), fact(t, seen, "pages"); known != 230 || pages != 3 {
			t.Errorf("previewed %v known events on %v pages, want 230 on 3: %q", known, pages, seen.Says)
		}
		if !strings.Contains(strings.Join(seen.Says, "\n"), "after the quiet time") || done.Undo != "seek-poller cursors rewind all --to-cursor 1 --yes --reason undo" {
			t.Errorf("says %q, undo %q", seen.Says, done.Undo)
		}
		time.Sleep(30 * time.Minute)
		if n := s.count("SELECT count(*) FROM cursors WHERE id = 2 AND made_by = 1 AND seen = 231 AND events = 1 AND state = 'caught up' AND pages >= 3"); n != 1 {
			t.Errorf("the new cursor: %s", s.text("SELECT json_group_array(json_array(id, state, pages, seen, events)) FROM cursors"))
		}
		if n := s.count("SELECT count(*) FROM cursors WHERE id = 1 AND state = 'ended' AND ended_by = 1"); n != 1 {
			t.Error("the old cursor has not ended by the deed")
		}
		if s.receiver.Accepted()[late[0]] != 1 {
			t.Error("the event that SEEK put in was not delivered")
		}
		life.stop()
		s.settled()
	})
}

// TestRewindMidway: while a backlog is fetched the new cursor asks at the next slot; a crash in the middle changes nothing; undone, the stream
// stands where it stood.
func TestRewindMidway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t, simulator.Options{Seed: 42, Plain: true})
		ids := s.seek.AddHistory(850, 48*time.Hour)
		life := s.start()
		time.Sleep(5*time.Minute + 30*time.Second)
		stood := s.text("SELECT position FROM cursors WHERE id = 1")
		life.previewed("cursors rewind", admin.RewindArgs{Stream: "all", ToEvent: ids[249]})
		time.Sleep(65 * time.Second)
		if q := s.seek.Queries(); q[len(q)-1].Arrived.Sub(q[len(q)-2].Arrived) > 61*time.Second {
			t.Error("a stream that is behind was made to wait")
		}
		life.crash()
		s.check(false)
		life = s.start()
		time.Sleep(90 * time.Second)
		life.previewed("cursors rewind", admin.RewindArgs{Stream: "all", ToCursor: 1})
		if at := s.text("SELECT position FROM cursors WHERE id = 3"); at != stood {
			t.Errorf("undone, it stands at %s, want %s", at, stood)
		}
		time.Sleep(time.Hour)
		life.stop()
		s.settled()
	})
}

// TestRewindUnderAQuery: the cursor is moved while SEEK answers. The page is dropped, the new cursor asks for it, and if it was the last one SEEK
// has its quiet time all the same.
func TestRewindUnderAQuery(t *testing.T) {
	for name, events := range map[string]int{"a page in the middle": 350, "the last page": 70} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newSite(t, simulator.Options{Seed: 43, Plain: true, PageLatency: func(int) time.Duration { return 20 * time.Second }})
				s.seek.AddHistory(30, 48*time.Hour)
				life := s.start()
				time.Sleep(time.Minute)
				s.seek.Add(events)
				s.awaitQuery()
				time.Sleep(5 * time.Second)
				life.previewed("cursors rewind", admin.RewindArgs{Stream: "all", ToTime: admin.Time{Time: time.Now().Add(-24 * time.Hour)}})
				time.Sleep(2 * time.Hour)
				life.stop()
				if n := s.count("SELECT count(*) FROM queries WHERE outcome = 'transient' AND error LIKE '%moved%'"); n != 1 {
					t.Errorf("%d pages were dropped, want 1", n)
				}
				s.settled()
			})
		})
	}
}

// TestBadCursorIsMended: SEEK refuses the stored cursor for good. The rewind to a time that the error speaks of makes the stream whole.
func TestBadCursorIsMended(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t, simulator.Options{Seed: 44, Plain: true})
		s.seek.AddHistory(150, 48*time.Hour)
		life := s.start()
		time.Sleep(10 * time.Minute)
		refused := s.text("SELECT position FROM cursors")
		s.faults(func(r simulator.Request) simulator.Fault {
			if r.Kind == "events" && r.After == refused {
				f, _ := simulator.ParseFault("bad-cursor")
				return f
			}
			return simulator.Fault{}
		})
		s.seek.Add(120)
		time.Sleep(20 * time.Minute)
		if r := life.status(); r.Healthy {
			t.Fatal("SEEK refuses the cursor, and status is content")
		}
		last := life.status().Streams[0].LastEventAt
		if command := "seek-poller cursors rewind all --to-time " + last.Format(time.RFC3339Nano); !strings.Contains(string(life.status().Streams[0].Error), command) {
			t.Errorf("the error does not say %q: %s", command, life.status().Streams[0].Error)
		}
		life.refused("cursors rewind", admin.RewindArgs{Stream: "all", ToTime: admin.Time{Time: last.Add(time.Millisecond)}}, 409, "a move forward")
		life.previewed("cursors rewind", admin.RewindArgs{Stream: "all", ToTime: last})
		time.Sleep(2 * time.Minute)
		if n := len(slices.DeleteFunc(s.seek.Queries(), func(q simulator.Query) bool {
			return q.After != "" || q.Since != last.Add(-time.Millisecond).Format("2006-01-02T15:04:05.000Z")
		})); n != 1 {
			t.Errorf("%d queries asked from %v on, want 1", n, last)
		}
		time.Sleep(5 * time.Minute)
		if r := life.status(); !r.Healthy {
			t.Errorf("after the rewind: %q", r.Problems)
		}
		life.stop()
		s.settled()
	})
}

// TestChangedSettings: a stream whose types changed is refused at start, with the command that mends it; after that it begins where it stood.
func TestChangedSettings(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t, simulator.Options{Seed: 45, Plain: true})
		s.cfg.Streams[0] = stream(t, "all", "CandidateApplicationCreated")
		s.seek.AddHistory(350, 48*time.Hour)
		life := s.start()
		time.Sleep(10 * time.Minute)
		life.stop()
		s.cfg.Streams[0].EventTypes = append(s.cfg.Streams[0].EventTypes, "PositionProfilePosted")
		life = s.start()
		err := runError(<-life.done)
		if err := life.daemon.close(); err != nil {
			t.Fatal(err)
		}
		var changed *store.FingerprintError
		if !errors.As(err, &changed) {
			t.Fatalf("started under other settings: %v", err)
		}
		lines := strings.Split(changed.Error(), "\n")
		command := strings.Fields(strings.TrimSuffix(lines[len(lines)-1], ` --reason "settings changed"`))
		if code, out, errs := cli(t, command[1:]...); code != exitUsage || !strings.Contains(errs, "reason") {
			t.Errorf("without a reason it ended with %d: %s%s", code, out, errs)
		}
		if code, out, errs := cli(t, append(command[1:], "--reason", "settings changed")...); code != exitDone || !strings.Contains(out, "undo: ") {
			t.Fatalf("%s\nended with %d: %s%s", command, code, out, errs)
		}
		s.seek.Add(50)
		life = s.start()
		time.Sleep(time.Hour)
		life.refused("cursors rewind", admin.RewindArgs{Stream: "all", ToCursor: 1}, 409, "other settings")
		life.stop()
		s.checkLedger()
		if n := s.count("SELECT count(*) FROM cursors WHERE id = 2 AND state = 'caught up' AND fingerprint <> ''"); n != 1 {
			t.Error("the new cursor is not caught up under the new settings")
		}
		if n := s.count("SELECT count(*) FROM events WHERE type = 'PositionProfilePosted'"); n == 0 {
			t.Error("no event of the new type came")
		}
	})
}

// TestRewindRefusals: what is no place of the stream is refused with words.
func TestRewindRefusals(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t, simulator.Options{Seed: 46, Plain: true})
		s.cfg.Streams = append(s.cfg.Streams[:0], stream(t, "all", "CandidateApplicationCreated"), stream(t, "rest", "PositionProfilePosted"))
		s.seek.AddHistory(150, 48*time.Hour)
		life := s.start()
		time.Sleep(20 * time.Minute)
		other := s.text("SELECT id FROM events WHERE stream = 'rest'")
		day := admin.Time{Time: time.Now().Add(-24 * time.Hour)}
		for _, c := range []struct {
			args   admin.RewindArgs
			status int
			says   string
		}{
			{admin.RewindArgs{Stream: "all"}, 400, "one place"},
			{admin.RewindArgs{Stream: "all", ToEvent: "x", ToTime: day}, 400, "one place"},
			{admin.RewindArgs{Stream: "al", ToTime: day}, 404, "there are: all, rest"},
			{admin.RewindArgs{Stream: "all", ToEvent: "x"}, 404, "not known"},
			{admin.RewindArgs{Stream: "all", ToEvent: other}, 409, "belongs to the stream rest"},
			{admin.RewindArgs{Stream: "all", ToQuery: 99}, 404, "not known"},
			{admin.RewindArgs{Stream: "all", ToCursor: 99}, 404, "not known"},
			{admin.RewindArgs{Stream: "all", ToCursor: 1}, 409, "is the live one"},
			{admin.RewindArgs{Stream: "all", ToTime: admin.Time{Time: time.Now()}}, 409, "a move forward"},
			{admin.RewindArgs{Stream: "all", ToEvent: s.text("SELECT id FROM events WHERE cursor = (SELECT position FROM cursors WHERE id = 1)")}, 409, "there already"},
		} {
			life.refused("cursors rewind", c.args, c.status, c.says)
		}
		life.previewed("cursors rewind", admin.RewindArgs{Stream: "all", ToQuery: 1})
		life.previewed("cursors rewind", admin.RewindArgs{Stream: "rest", ToTime: day})
		life.refused("cursors rewind", admin.RewindArgs{Stream: "rest", ToTime: day}, 409, "there already")
		time.Sleep(time.Hour)
		life.stop()
		s.settled()
	})
}
