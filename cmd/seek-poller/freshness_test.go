package main

import (
	"encoding/json"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"seekpoller/internal/config"
	"seekpoller/internal/simulator"
)

// firsts notes when each event first reached a receiver.
type firsts struct {
	mu sync.Mutex
	at map[string]time.Time
}

func (f *firsts) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var body struct{ Events []struct{ ID string } }
	if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, e := range body.Events {
		if f.at[e.ID].IsZero() {
			f.at[e.ID] = time.Now()
		}
	}
}

// TestFreshness: where a page is enough for a quarter of an hour, nobody can be told sooner by more than a fiftieth. Whoever asks exactly at the end
// of the quiet, and tells at once, is told of an event after half of it in the mean.
func TestFreshness(t *testing.T) {
	const quiet, apart = 15 * time.Minute, 37 * time.Second
	events := 2000
	if testing.Short() {
		events = 500
	}
	for name, streams := range map[string]func(*testing.T) []config.Stream{
		"one stream":   func(t *testing.T) []config.Stream { return []config.Stream{stream(t, "all")} },
		"four streams": fourStreams,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := newSite(t, simulator.Options{Seed: 5, Plain: true})
				s.cfg.Streams = streams(t)
				s.cfg.Destinations = s.cfg.Destinations[:1]
				s.cfg.Destinations[0].Webhook.URL = "http://firsts.test/"
				told := &firsts{at: map[string]time.Time{}}
				s.serve("firsts.test:80", told)
				life := s.start()
				time.Sleep(time.Hour) // every stream has come to its rhythm
				added := map[string]time.Time{}
				for range events {
					added[s.seek.Add(1)[0]] = time.Now()
					time.Sleep(apart)
				}
				time.Sleep(time.Hour)
				life.stop()
				s.check(false)
				var all time.Duration
				for id, at := range added {
					if told.at[id].IsZero() {
						t.Fatalf("event %s never came", id)
					}
					all += told.at[id].Sub(at)
				}
				mean := all / time.Duration(len(added))
				t.Logf("%d events, told of after %v in the mean", len(added), mean)
				if mean > quiet/2*102/100 {
					t.Errorf("told of after %v in the mean, and the best is %v", mean, quiet/2)
				}
			})
		})
	}
}
