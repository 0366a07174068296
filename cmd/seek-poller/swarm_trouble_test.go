package main

import (
	"bytes"
	"database/sql"
	"fmt"
	"reflect"
	"slices"
	"time"
	"unsafe"

	"seekpoller/internal/config"
	"seekpoller/internal/simulator"
	"seekpoller/store"
)

// heard listens to the daemon's log.
func (s *swarm) heard(line []byte) {
	if bytes.Contains(line, []byte("page saved")) {
		s.at("page saved")
	}
	for says, state := range map[string]string{
		"page not saved yet": "disk full", "no query is made while the database": "disk full",
		"does not lead on": "cursor that leads nowhere", "an event is missing": "event that SEEK cannot give",
	} {
		if bytes.Contains(line, []byte(says)) {
			s.reach(state)
		}
	}
}

// writer is the daemon's own writing connection. There is no other way to fill a disk under SQLite in the middle of a life, without a file system made for it.
func writer(of *store.Store) *sql.DB {
	field := reflect.ValueOf(of).Elem().FieldByName("writer")
	return *(**sql.DB)(unsafe.Pointer(field.UnsafeAddr()))
}

// limitPages lets the database grow to n pages at most; 0: to what it has now.
func (s *swarm) limitPages(n int) {
	db := writer(s.live.daemon.store)
	if n == 0 {
		if err := db.QueryRow("PRAGMA page_count").Scan(&n); err != nil {
			s.t.Errorf("count pages: %v", err)
			return
		}
	}
	if _, err := db.Exec(fmt.Sprintf("PRAGMA max_page_count = %d", n)); err != nil {
		s.t.Errorf("limit pages: %v", err)
	}
}

// fillDisk: for a while SQLite finds no room for another page. Nothing is asked of SEEK that could not be stored, and all goes on by itself.
func (s *swarm) fillDisk() {
	before := s.tally.reached["disk full"]
	s.limitPages(0)
	s.add(30 + s.rng.IntN(60)) // so that there is something to store
	s.sleepFor(time.Duration(1+s.rng.IntN(60)) * time.Minute)
	s.limitPages(1 << 30)
	s.note("disk free")
	if s.tally.reached["disk full"] == before {
		return
	}
	asked := len(s.seek.Queries())
	s.sleepFor(20 * time.Minute)
	if len(s.seek.Queries()) > asked {
		s.reach("disk full, then free")
	}
}

// epoch is a stretch of events, by number, that came in under one config. Events that came in while it was taken over belong to none.
type epoch struct {
	from, to int64
	cfg      *config.Config
}

// reload notes that the config in force is s.cfg from here on.
func (s *swarm) reload() {
	if n := len(s.epochs); n > 0 && s.epochs[n-1].cfg == s.cfg {
		return
	}
	s.epochs = append(s.epochs, epoch{from: s.lastSeq() + 1, to: 1 << 60, cfg: s.cfg})
}

func (s *swarm) lastSeq() int64 {
	return int64(s.count("SELECT coalesce(max(seq), 0) FROM events"))
}

// takeOver gives the daemon another config: a destination more or less, another filter, another secret.
func (s *swarm) takeOver() {
	changed := *s.cfg
	changed.Destinations = slices.Clone(s.cfg.Destinations)
	n := len(changed.Destinations)
	switch k := s.rng.IntN(5); {
	case k == 0 && n < 5:
		d := s.plan.destination(s.rng, fmt.Sprintf("dest%d", len(s.targets)+1), s.dir+"/spool")
		s.addTarget(d)
		changed.Destinations = append(changed.Destinations, d)
	case n == 0:
		return
	case k == 1 && n > 1:
		i := s.rng.IntN(n)
		changed.Destinations = slices.Delete(changed.Destinations, i, i+1)
	case k == 2:
		d := &changed.Destinations[s.rng.IntN(n)]
		types := simulator.Types()
		d.EventTypes = slices.Clone(types[:s.rng.IntN(len(types))])
	default:
		if !s.rotate(changed.Destinations) {
			return
		}
	}
	last := &s.epochs[len(s.epochs)-1]
	last.to = s.lastSeq()
	s.cfg = &changed
	s.arrivals.takesOver(s)
	select {
	case s.live.next <- s.cfg:
	case err := <-s.live.done:
		s.t.Errorf("the daemon ended by itself: %v", err)
		s.live.done <- err
	}
	s.sleepFor(time.Minute)
	s.reload()
	s.reach("config taken over")
}

// rotate gives a destination a new secret, or takes the new one away again. Its receiver has the old one all the time.
func (s *swarm) rotate(all []config.Destination) bool {
	for i, d := range all {
		if d.Webhook == nil || d.Webhook.Format != "standard" {
			continue
		}
		changed := *d.Webhook
		if changed.PreviousSecret.Reveal() == "" {
			changed.Secret, changed.PreviousSecret = config.NewSecret(standardSecrets[1]), config.NewSecret(standardSecrets[0])
		} else {
			changed.Secret, changed.PreviousSecret = config.NewSecret(standardSecrets[0]), config.Secret{}
		}
		all[i].Webhook = &changed
		s.reach("secret changed")
		return true
	}
	return false
}

// nextQueryInTime: where SEEK is well, the next query comes within the quiet period, a slot for each stream, and a time-out.
func (s *swarm) nextQueryInTime() {
	if s.plan.share > 0 {
		return
	}
	asked := len(s.seek.Queries())
	most := s.plan.period + time.Minute + time.Duration(len(s.plan.streams))*time.Minute + 30*time.Second
	s.sleepFor(most)
	s.holds("L6 clock steps", len(s.seek.Queries()) > asked, "no query came within %v", most)
}
