package admin_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"testing"
	"time"

	"seekpoller/internal/admin"
	"seekpoller/store"
)

// scene is a database in which two busy days went by: two streams, three destinations, faults, a dead letter, deeds and a backfill.
type scene struct {
	t    *testing.T
	path string
	s    *store.Store
	wall time.Time
	boot time.Duration
	rng  *rand.Rand
	n    int // events so far
	asks int
	last store.Event
}

// sceneEnd is when a scene ends.
var sceneEnd = time.Date(2026, 3, 11, 10, 42, 30, 0, time.UTC)

func newScene(t *testing.T) *scene {
	t.Helper()
	sc := &scene{t: t, path: filepath.Join(t.TempDir(), "seek-poller.db"), wall: sceneEnd.Add(-75 * time.Minute), boot: time.Hour, rng: rand.New(rand.NewPCG(1, 2))}
	s, err := store.Open(t.Context(), sc.path, store.Options{Create: true, Started: sc.now()})
	sc.must(err)
	sc.s = s
	t.Cleanup(func() { s.Close() })
	return sc
}

func (sc *scene) must(err error) {
	sc.t.Helper()
	if err != nil {
		sc.t.Fatal(err)
	}
}

func (sc *scene) now() store.Instant {
	return store.Instant{Wall: sc.wall, Boot: sc.boot, BootID: "boot"}
}

func (sc *scene) pass(d time.Duration) {
	sc.wall = sc.wall.Add(d)
	sc.boot += d
}

// server answers at the scene's end.
func (sc *scene) server(streams ...admin.ConfiguredStream) *admin.Server {
	return admin.NewServer(admin.Config{Store: sc.s, Now: sc.now, Version: "v1.2.3", Streams: streams})
}

// play lets the two days go by.
func (sc *scene) play() {
	ctx := sc.t.Context()
	sc.must(sc.s.SyncDestinations(ctx, []store.DestinationSpec{{Name: "ats", Kind: "webhook"}, {Name: "crm", Kind: "webhook"}, {Name: "spool", Kind: "directory"}}, sc.wall))
	apps, jobs := sc.live("applications"), sc.live("positions")
	for hour := 48; hour > 1; hour -= 6 {
		sc.ask(apps, sc.events(hour, 6, "CandidateApplicationCreated", 14), hour > 7)
		sc.ask(jobs, append(sc.events(hour, 6, "PositionProfilePosted", 4), sc.events(hour, 6, "PositionProfileClosed", 2)...), hour > 7)
	}
	sc.ask(jobs, append(sc.events(30, 20, "CandidateProfilePurchased", 1), sc.events(44, 40, "HirerRelationshipChanged", 1)...), false)
	since := sc.wall
	_, back, err := sc.s.BeginStretch(ctx, sc.deed("backfill start", "--stream positions --since 2026-02-01T00:00:00Z", "jobs of February were lost in the ATS"),
		store.NewStretch{Stream: "positions", Kind: "backfill", Fingerprint: "f", Since: since.AddDate(0, -1, 0), Until: since.AddDate(0, 0, -10)}, func(id int64) string { return "none" })
	sc.must(err)
	for turn := 0; sc.wall.Before(sceneEnd.Add(-3 * time.Minute)); turn++ {
		switch {
		case turn%15 == 3:
			sc.ask(apps, sc.recent("CandidateApplicationCreated", 2+turn%4), false)
		case turn%15 == 5:
			sc.ask(jobs, sc.recent("PositionProfilePosted", turn%2), false)
		case turn == 19:
			sc.fail(apps, store.Failure{Kind: "transient", Message: "SEEK answered 503 Service Unavailable", Status: 503})
		case turn == 27:
			sc.fail(back, store.Failure{Kind: "throttled", Message: "SEEK answered 429 Too Many Requests", Status: 429, RetryAfter: 2 * time.Minute})
		default:
			sc.ask(back, nil, true)
		}
		sc.pass(2 * time.Second)
		sc.deliver("ats", turn == 3 || turn == 18)
		sc.deliver("spool", false)
		sc.struggle("crm")
	}
	_, err = sc.s.Pause(ctx, sc.deed("destinations pause", "spool", "the share is being moved"), "spool")
	sc.must(err)
	_, err = sc.s.Resume(ctx, sc.deed("destinations resume", "spool", "the share is back"), "spool")
	sc.must(err)
	sc.pass(sceneEnd.Sub(sc.wall))
}

func (sc *scene) live(stream string) int64 {
	sc.t.Helper()
	c, _, err := sc.s.EnsureLive(sc.t.Context(), store.NewCursor{Stream: stream, Kind: "live", Fingerprint: "f"}, sc.now())
	sc.must(err)
	return c.ID
}

func (sc *scene) deed(verb, selector, reason string) store.Deed {
	return store.Deed{Actor: "anna (uid 1000)", Verb: verb, Selector: selector, Reason: reason, Undo: "none", At: sc.wall}
}

// events makes some for each hour, from so many hours before the end on.
func (sc *scene) events(from, hours int, name string, most int) (all []store.Event) {
	for h := range hours {
		for range 1 + sc.rng.IntN(most) {
			at := sceneEnd.Add(-time.Duration(from-h) * time.Hour).Truncate(time.Hour).Add(time.Duration(sc.rng.IntN(3600)) * time.Second)
			if at.After(sc.wall) {
				continue
			}
			all = append(all, sc.event(name, at))
		}
	}
	return all
}

// recent makes events of the last minutes.
func (sc *scene) recent(name string, n int) (all []store.Event) {
	for range n {
		all = append(all, sc.event(name, sc.wall.Add(-time.Duration(sc.rng.IntN(900))*time.Second)))
	}
	return all
}

func (sc *scene) event(name string, at time.Time) store.Event {
	sc.n++
	id := fmt.Sprintf("seekAnz:event:events:%06dpmWCzAwxq7xeSvHzQK", sc.n)
	ids, _ := json.Marshal(map[string]string{"candidateId": fmt.Sprintf("seekAnz:candidate:feed:%06d", sc.n), "candidateApplicationProfileId": fmt.Sprintf("seekAnz:candidateProfile:apply:%06d", sc.n)})
	if name != "CandidateApplicationCreated" {
		ids, _ = json.Marshal(map[string]string{"positionProfileId": fmt.Sprintf("seekAnz:positionProfile:jobAd:%06d", sc.n)})
	}
	sc.last = store.Event{
		ID: id, Type: name, Scheme: "seekAnz", Cursor: fmt.Sprintf("edge-%d", sc.n), HirerID: fmt.Sprintf("seekAnz:organization:seek:%d", 1+sc.n%3),
		CreatedAt: at.Add(-2 * time.Second), StreamedAt: at, Identifiers: ids,
		Node: []byte(`{"id":{"value":"` + id + `"},"candidate":{"person":{"name":"` + payloadCanary + `"}}}`), Destinations: []string{"ats", "crm", "spool"},
	}
	return sc.last
}

// lastStream is the stream of the last event.
func (sc *scene) lastStream() string {
	sc.t.Helper()
	e, err := sc.s.Event(sc.t.Context(), sc.last.ID)
	sc.must(err)
	return e.Stream
}

// payloadCanary is personal data.
const payloadCanary = "kanarienvogel"

func (sc *scene) take(cursor int64) store.Query {
	sc.t.Helper()
	wait, err := sc.s.SlotWait(sc.t.Context(), time.Minute, sc.now())
	sc.must(err)
	sc.pass(wait + time.Duration(sc.rng.IntN(3000))*time.Millisecond)
	sc.asks++
	q, err := sc.s.TakeSlot(sc.t.Context(), store.Ask{CursorID: cursor, RequestID: fmt.Sprintf("7f3c1a52-%04d", sc.asks), Selection: "ids", First: 100, Interval: time.Minute, Timeout: 30 * time.Second}, sc.now())
	sc.must(err)
	sc.pass(time.Duration(120+sc.rng.IntN(800)) * time.Millisecond)
	return q
}

func (sc *scene) ask(cursor int64, events []store.Event, more bool) {
	sc.t.Helper()
	state, position := store.CaughtUp, ""
	if more {
		state = store.Behind
	}
	if len(events) > 0 || more {
		position = fmt.Sprintf("eyJhZnRlciI6IjIwMjYtMDMtMTEiLCJzZXEiOj%06d", sc.asks)
	}
	_, err := sc.s.SavePage(sc.t.Context(), sc.take(cursor), store.Page{Events: events, Position: position, State: state, More: more, Status: 200,
		NextQueryAt: sc.wall.Add(15 * time.Minute)}, sc.now())
	sc.must(err)
}

func (sc *scene) fail(cursor int64, f store.Failure) {
	sc.t.Helper()
	sc.must(sc.s.Fail(sc.t.Context(), sc.take(cursor), f, sc.now()))
}

// deliver hands on what is owed; bad gives one event up.
func (sc *scene) deliver(dest string, bad bool) {
	sc.t.Helper()
	claimed, err := sc.s.Claim(context.Background(), dest, 200, time.Minute, sc.wall)
	sc.must(err)
	var results []store.Settlement
	for i, d := range claimed {
		r := sc.result(d, store.Delivered, 200, "")
		if bad && i == 0 {
			r.Outcome, r.Refused, r.Status, r.Detail = store.Dead, true, 422, `{"error":"unknown job reference","field":"positionProfileId"}`
		}
		results = append(results, r)
	}
	_, err = sc.s.Settle(context.Background(), dest, results, sc.wall)
	sc.must(err)
}

// struggle tries a few, which fail.
func (sc *scene) struggle(dest string) {
	sc.t.Helper()
	claimed, err := sc.s.Claim(context.Background(), dest, 4, time.Minute, sc.wall)
	sc.must(err)
	var results []store.Settlement
	for _, d := range claimed {
		results = append(results, sc.result(d, store.Retry, 503, "503 Service Unavailable: database is being upgraded"))
	}
	_, err = sc.s.Settle(context.Background(), dest, results, sc.wall)
	sc.must(err)
}

func (sc *scene) result(d store.Delivery, outcome string, status int, detail string) store.Settlement {
	took := time.Duration(20+sc.rng.IntN(60)) * time.Millisecond
	if sc.rng.IntN(20) == 0 {
		took *= 12
	}
	return store.Settlement{Seq: d.Event.Seq, Attempt: d.Attempt, Outcome: outcome, StartedAt: sc.wall.Add(-took), EndedAt: sc.wall, Status: status, Detail: detail,
		DueAt: sc.wall.Add(10 * time.Minute), RequestID: fmt.Sprintf("delivery-%d-%d", d.Event.Seq, d.Attempt), Batch: 1}
}
