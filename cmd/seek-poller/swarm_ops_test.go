package main

import (
	"os"
	"strings"
	"time"

	"go.uber.org/zap/zapcore"
)

// when an operation can be done.
type when int

const (
	whileUp when = iota
	whileDown
)

// operation is something that happens to the daemon.
type operation struct {
	name string
	when when
	do   func(*swarm)
}

var operations = []operation{
	{"clock step", whileUp, (*swarm).stepClock},
	{"suspend", whileUp, (*swarm).suspend},
	{"full disk", whileUp, (*swarm).fillDisk},
	{"second daemon", whileUp, (*swarm).secondDaemon},
	{"config", whileUp, (*swarm).takeOver},
	{"missing directory", whileUp, (*swarm).loseDirectory},
	{"deed", whileUp, (*swarm).deed},
	{"deeds", whileUp, (*swarm).deed},
	{"clock step while down", whileDown, (*swarm).stepWhileDown},
	{"reboot", whileDown, (*swarm).restartMachine},
	{"backup", whileDown, (*swarm).backup},
	{"restore", whileDown, (*swarm).restore},
	{"lost database", whileDown, (*swarm).loseDatabase},
	{"foreign config", whileDown, (*swarm).foreignConfig},
	{"look", whileDown, (*swarm).look},
}

// operate does one that the seed has on.
func (s *swarm) operate(w when) {
	var may []operation
	for _, o := range operations {
		if o.when == w && s.plan.on[o.name] {
			may = append(may, o)
		}
	}
	if len(may) == 0 {
		return
	}
	o := may[s.rng.IntN(len(may))]
	s.note(o.name)
	o.do(s)
	s.note(o.name + ", done")
}

// drawStep is of one second to ten years, ahead or back, each size as likely as another.
func (s *swarm) drawStep() time.Duration {
	sizes := []time.Duration{time.Second, 10 * time.Second, time.Minute, 20 * time.Minute, time.Hour, 2 * time.Hour, 25 * time.Hour, 40 * day, 365 * day, 10 * 365 * day}
	d := sizes[s.rng.IntN(len(sizes))]
	d = d/2 + time.Duration(s.rng.Int64N(int64(d)))
	if s.rng.IntN(2) == 0 {
		d = -d
	}
	off := time.Duration(s.wallOff.Load())
	if off+d > 20*365*day || off+d < -20*365*day { // by now it is wrong enough; somebody sets it right
		return -off
	}
	return d
}

func (s *swarm) shift(d time.Duration) {
	s.wallOff.Add(int64(d))
	switch {
	case d < -time.Hour:
		s.reach("clock set back by over an hour")
	case d > time.Hour:
		s.reach("clock set ahead by over an hour")
	}
	s.note("step")
}

// stepClock: afterwards the next query comes within a quarter of an hour, a slot and a time-out.
func (s *swarm) stepClock() {
	s.shift(s.drawStep())
	s.nextQueryInTime()
}

func (s *swarm) stepWhileDown() {
	s.shift(s.drawStep())
	s.reach("clock set while down")
}

// suspend: the boot clock goes on, SEEK's clock too, no timer of ours does.
func (s *swarm) suspend() {
	d := time.Duration(1 + s.rng.Int64N(int64(9*time.Hour)))
	if s.rng.IntN(2) == 0 {
		s.awaitQuery()
		d = time.Duration(1 + s.rng.Int64N(int64(3*time.Minute)))
	}
	s.slept.Add(int64(d))
	s.note("suspend")
	s.reach("suspended")
	s.nextQueryInTime()
}

func (s *swarm) restartMachine() {
	s.sleepFor(time.Duration(s.rng.IntN(60)) * time.Second)
	s.reboot()
	s.note("reboot")
	s.reach("reboot")
}

// secondDaemon on the same database is refused, and leaves it as it is.
func (s *swarm) secondDaemon() {
	second, err := openDaemon(s.t.Context(), s.cfg, newLogger(s, zapcore.InfoLevel, "json"), outside{now: s.now, dial: s.live.dial})
	if err == nil {
		second.close()
	}
	s.holds("I23 one writer", err != nil && strings.Contains(err.Error(), "in use by process"), "a second daemon was let in: %v", err)
	s.reach("second daemon refused")
}

// loseDirectory takes an importer's directory away for a while.
func (s *swarm) loseDirectory() {
	for _, d := range s.cfg.Destinations {
		if d.Directory != nil && !s.targets[d.Name].healthy {
			if err := os.Rename(d.Directory.Path, d.Directory.Path+".away"); err != nil {
				s.t.Fatal(err)
			}
			s.sleepFor(time.Duration(s.rng.IntN(90)) * time.Minute)
			if err := os.Rename(d.Directory.Path+".away", d.Directory.Path); err != nil {
				s.t.Fatal(err)
			}
			return
		}
	}
}
