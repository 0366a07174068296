package main

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"seekpoller/internal/config"
	"seekpoller/internal/simulator"
)

// TestWholeDaemon: pages of events of all types come in at SEEK's real limits and reach both destinations, each exactly once where nothing fails.
func TestWholeDaemon(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t, simulator.Options{Seed: 1})
		s.seek.Add(350)
		life := s.start()
		time.Sleep(time.Hour)
		s.seek.Add(20)
		time.Sleep(time.Hour)
		life.stop()
		s.check(true)
		report := s.seek.Report()
		if report.Served != report.Events {
			t.Errorf("served %d of %d events", report.Served, report.Events)
		}
		if c := simulator.Compare(s.seek, s.receiver.Accepted()); len(c.Twice) > 0 || c.Owed < 300 {
			t.Errorf("of %d events, delivered twice: %v", c.Owed, c.Twice)
		}
	})
}

// fourStreams splits the seven types so that no two streams take the same.
func fourStreams(t *testing.T) []config.Stream {
	return []config.Stream{
		stream(t, "applications", "CandidateApplicationCreated"),
		stream(t, "purchases", "CandidateProfilePurchased", "HirerRelationshipChanged"),
		stream(t, "positions", "PositionProfilePosted", "PositionProfileClosed", "PositionProfileUpdated"),
		stream(t, "ads", "PositionNotPosted"),
	}
}

var seedFlag = flag.Int64("seed", 0, "seed of the randomized tests; 0: another each time")

// TestThirtyDays: a month at SEEK's real limits with four streams, one answer in six a fault, and restarts, crashes and reboots at random.
func TestThirtyDays(t *testing.T) {
	t.Parallel()
	days := 30
	if testing.Short() {
		days = 3
	}
	seed := *seedFlag
	if seed == 0 {
		seed = rand.Int64()
	}
	t.Logf("again with: go test ./cmd/seek-poller -run %s -seed %d", t.Name(), seed)
	synctest.Test(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(uint64(seed), 1))
		s := newSite(t, simulator.Options{Seed: seed, PageLatency: func(n int) time.Duration { return time.Duration(n%10) * 150 * time.Millisecond }})
		s.cfg.Streams = fourStreams(t)
		s.faults(simulator.RandomFaults(seed, 1.0/6))
		s.seek.Add(900)
		end := time.Now().AddDate(0, 0, days)
		lives := 0
		for ; time.Now().Before(end); lives++ {
			life := s.start()
			s.liveThrough(rng, time.Duration(rng.ExpFloat64()*float64(8*time.Hour)))
			s.end(rng, life)
		}
		s.faults(func(simulator.Request) simulator.Fault { return simulator.Fault{} })
		life := s.start()
		time.Sleep(24 * time.Hour)
		life.stop()
		s.check(true)
		report := s.seek.Report()
		t.Logf("%d lives, %d queries (%d with a fault), smallest gap %v, %d repeats, %d doubtful, %d events, faults %v, laws tested %v",
			lives, report.Queries, report.Queries-report.Answered, report.SmallestGap, report.Repeats, report.Doubtful, report.Events, report.Faults, report.Checked)
		if report.SmallestGap < time.Minute || report.Checked["spacing"] < days*50 || report.Checked["quiet"] < days*50 {
			t.Errorf("smallest gap %v, laws tested %v", report.SmallestGap, report.Checked)
		}
	})
}

// liveThrough lets events come in for a while, now and then many at once.
func (s *site) liveThrough(rng *rand.Rand, d time.Duration) {
	for end := time.Now().Add(d); time.Now().Before(end); {
		time.Sleep(min(time.Until(end), time.Duration(rng.IntN(40)+1)*time.Minute))
		n := rng.IntN(6)
		if rng.IntN(40) == 0 {
			n = 250
		}
		s.seek.Add(n)
	}
}

// end ends a life in one of three ways, half of the time in the middle of a query, and leaves the machine down for a while.
func (s *site) end(rng *rand.Rand, life *life) {
	if rng.IntN(2) == 0 {
		s.awaitQuery()
		time.Sleep(time.Duration(rng.IntN(1500)) * time.Millisecond)
	}
	switch rng.IntN(3) {
	case 0:
		life.stop()
	case 1:
		life.crash()
	case 2:
		life.crash()
		time.Sleep(time.Duration(rng.IntN(60)) * time.Second)
		s.reboot()
	}
	s.check(false)
	time.Sleep(time.Duration(rng.IntN(90)) * time.Second)
}

// TestBacklog: with a backlog and no faults, every hour has at least 58 queries, and no two come closer than a minute.
func TestBacklog(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t, simulator.Options{Seed: 3, Plain: true, PageLatency: func(int) time.Duration { return 1500 * time.Millisecond }})
		s.cfg.Streams = fourStreams(t)
		s.cfg.Destinations = nil // they are not looked at here
		s.seek.Add(40000)
		life := s.start()
		time.Sleep(5 * time.Hour)
		life.stop()
		s.check(false)
		queries := s.seek.Queries()
		if len(queries) < 5*58 {
			t.Fatalf("%d queries in five hours", len(queries))
		}
		windows := 0
		for i := range queries {
			j := i
			for j < len(queries) && queries[j].Arrived.Before(queries[i].Arrived.Add(time.Hour)) {
				j++
			}
			if j == len(queries) {
				break
			}
			windows++
			if j-i < 58 {
				t.Errorf("%d queries in the hour from %v", j-i, queries[i].Arrived)
			}
		}
		if windows < 200 {
			t.Errorf("only %d windows looked at", windows)
		}
		turns := map[string]int{}
		for _, q := range queries[:40] {
			turns[q.Stream]++
		}
		for stream, n := range turns {
			if n != 10 {
				t.Errorf("stream %s was asked %d times in the first 40 slots, want its fair 10", stream, n)
			}
		}
		if len(turns) != 4 {
			t.Errorf("%d streams were asked, want 4", len(turns))
		}
	})
}

// TestWallClockSteps: setting the clock forward or back while the daemon runs or is down hastens nothing and stops nothing.
func TestWallClockSteps(t *testing.T) {
	for _, step := range []time.Duration{-10 * 365 * 24 * time.Hour, -time.Hour, -time.Minute, 20 * time.Minute, 365 * 24 * time.Hour} {
		for _, down := range []bool{false, true} {
			t.Run(fmt.Sprintf("%v, down %v", step, down), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					s := newSite(t, simulator.Options{Seed: 4})
					s.seek.Add(50)
					life := s.start()
					time.Sleep(17 * time.Minute)
					if down {
						life.stop()
					}
					s.wallOff.Add(int64(step))
					s.seek.Add(50)
					if down {
						life = s.start()
					}
					time.Sleep(32 * time.Minute)
					life.stop()
					s.check(true)
					if got, want := len(s.receiver.Accepted()), 90; got < want {
						t.Errorf("%d events arrived, want over %d: the stream stood still\n%s", got, want, tail(s.log()))
					}
				})
			})
		}
	}
}

func tail(s string) string {
	lines := strings.Split(strings.TrimSpace(s), "\n")
	return strings.Join(lines[max(0, len(lines)-8):], "\n")
}
