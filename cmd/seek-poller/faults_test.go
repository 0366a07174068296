package main

import (
	"database/sql"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"seekpoller/internal/simulator"
)

// faultCase breaks one step of the daemon's work, once. Either the step fails and nothing of it happened, or it happened and the daemon
// never hears of it. After the repair everything must have arrived all the same.
type faultCase struct {
	step, how string
	seek      string                                 // a fault of SEEK's, by name
	kind      string                                 // of the request that gets it
	receiver  simulator.ReceiverFault                // a fault of the receiver's
	trigger   string                                 // a statement that the database refuses: the daemon ends
	crash     func(s *site, l *life) <-chan struct{} // when this is closed the machine is switched off
}

func faultTable() []faultCase {
	return []faultCase{
		{step: "token", how: "not applied", kind: "token", seek: "reset"},
		{step: "token", how: "applied", kind: "token", seek: "drop-after"},
		{step: "slot", how: "not applied", trigger: "BEFORE INSERT ON queries"},
		{step: "slot", how: "applied", crash: onDial("seek.test:80", 2)},
		{step: "send", how: "not applied", kind: "events", seek: "reset"},
		{step: "send", how: "applied", kind: "events", seek: "drop-after"},
		{step: "answer", how: "not applied", kind: "events", seek: "cut"},
		{step: "answer", how: "applied", trigger: "BEFORE INSERT ON events"},
		{step: "page", how: "not applied", trigger: "BEFORE INSERT ON outbox"},
		{step: "page", how: "not applied, at its last statement", trigger: "BEFORE UPDATE OF outcome ON queries"},
		{step: "page", how: "applied", crash: onLog("page saved")},
		{step: "failure", how: "not applied", kind: "events", seek: "502", trigger: "BEFORE UPDATE OF outcome ON queries WHEN NEW.outcome = 'transient'"},
		{step: "claim", how: "not applied", trigger: "BEFORE UPDATE OF attempts ON outbox", crash: onLog("the store did not do its part")},
		{step: "claim", how: "applied", crash: onDial("receiver.test:80", 1)},
		{step: "deliver", how: "not applied", receiver: simulator.ReceiverFault{Drop: true}},
		{step: "deliver", how: "applied", receiver: simulator.ReceiverFault{DropAfter: true}},
		{step: "settle", how: "not applied", trigger: "BEFORE INSERT ON attempts", crash: onLog("the store did not do its part")},
		{step: "settle", how: "applied", crash: onDelivered},
	}
}

func TestFaultTable(t *testing.T) {
	t.Parallel()
	for _, c := range faultTable() {
		t.Run(c.step+" "+c.how, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { c.run(t) })
		})
	}
}

func (c faultCase) run(t *testing.T) {
	s := newSite(t, simulator.Options{Seed: 7, PageLatency: func(int) time.Duration { return 300 * time.Millisecond }})
	s.seek.Add(150)
	s.start().stop() // makes the database
	fired := c.arm(s)
	life := s.start()
	var crash <-chan struct{}
	if c.crash != nil {
		crash = c.crash(s, life)
	}
	select {
	case <-crash:
		*fired = true
		life.crash()
	case <-time.After(5 * time.Minute):
		life.crash()
	case err := <-life.done: // the daemon gave up
		life.done <- err
		*fired = *fired || err != nil
		life.crash()
	}
	if !*fired {
		t.Fatal("the fault did not fire")
	}
	s.check(false)
	s.faults(func(simulator.Request) simulator.Fault { return simulator.Fault{} })
	s.exec("DROP TRIGGER IF EXISTS fault")
	life = s.start()
	time.Sleep(2 * time.Hour)
	life.stop()
	s.check(true)
}

// arm sets the trap and returns where it notes that it fired.
func (c faultCase) arm(s *site) *bool {
	fired := new(bool)
	if c.trigger != "" {
		s.exec("CREATE TRIGGER fault " + c.trigger + " BEGIN SELECT RAISE(ABORT, 'injected'); END")
	}
	if c.seek != "" {
		fault, err := simulator.ParseFault(c.seek)
		if err != nil {
			s.t.Fatal(err)
		}
		s.faults(func(r simulator.Request) simulator.Fault {
			if *fired || r.Kind != c.kind {
				return simulator.Fault{}
			}
			*fired = true
			return fault
		})
	}
	if c.receiver != (simulator.ReceiverFault{}) {
		s.trap.Store(&trap{fault: c.receiver, fired: fired})
	}
	return fired
}

// exec changes the database behind the daemon's back.
func (s *site) exec(statement string) {
	s.t.Helper()
	db, err := sql.Open("sqlite3", "file:"+s.cfg.Database+"?_busy_timeout=5000")
	if err != nil {
		s.t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(statement); err != nil {
		s.t.Fatalf("%s: %v", statement, err)
	}
}

// onDial fires when the daemon opens its nth connection to a host.
func onDial(host string, n int) func(*site, *life) <-chan struct{} {
	return func(_ *site, l *life) <-chan struct{} {
		fire := make(chan struct{})
		l.mu.Lock()
		defer l.mu.Unlock()
		l.onDial = func(to string) {
			if to == host {
				if n--; n == 0 {
					close(fire)
				}
			}
		}
		return fire
	}
}

// onLog fires when the daemon logs a line.
func onLog(line string) func(*site, *life) <-chan struct{} {
	return func(s *site, _ *life) <-chan struct{} {
		return s.when(func() bool { return strings.Contains(s.log(), line) })
	}
}

// onDelivered fires when the first delivery is settled in the database.
func onDelivered(s *site, _ *life) <-chan struct{} {
	db, err := sql.Open("sqlite3", "file:"+s.cfg.Database+"?mode=ro&_busy_timeout=5000")
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { db.Close() })
	return s.when(func() bool {
		var n int
		if err := db.QueryRow("SELECT count(*) FROM outbox WHERE delivered_at IS NOT NULL").Scan(&n); err != nil {
			s.t.Error(err)
		}
		return n > 0
	})
}

// when fires soon after a condition holds; it gives up after five minutes.
func (s *site) when(condition func() bool) <-chan struct{} {
	fire := make(chan struct{})
	go func() {
		for end := time.Now().Add(5 * time.Minute); time.Now().Before(end); time.Sleep(time.Millisecond) {
			if condition() {
				close(fire)
				return
			}
		}
	}()
	return fire
}

// trap is a fault that a receiver has once.
type trap struct {
	fault simulator.ReceiverFault
	fired *bool
}

func (s *site) receiverFault(simulator.Attempt) simulator.ReceiverFault {
	t := s.trap.Swap(nil)
	if t == nil {
		return simulator.ReceiverFault{}
	}
	*t.fired = true
	return t.fault
}
