package main

import (
	"os"
	"path/filepath"
	"strings"
	"time"

	"go.uber.org/zap/zapcore"

	"seekpoller/internal/config"
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

// backup copies everything, as an operator does who stops the daemon first.
func (s *swarm) backup() {
	files, err := filesOf(filepath.Dir(s.cfg.Database))
	if err != nil {
		s.t.Fatal(err)
	}
	if s.backups = append(s.backups, files); len(s.backups) > 2 {
		s.backups = s.backups[1:]
	}
}

// restore puts a backup back, in one of three ways.
func (s *swarm) restore() {
	if len(s.backups) == 0 {
		s.backup()
		return
	}
	lock, first := false, os.Remove
	switch s.rng.IntN(3) {
	case 0:
		first = nil
	case 1:
		lock = true
	}
	for _, name := range []string{"-wal", "-shm"} { // what belongs to the newer database
		if err := os.Remove(s.cfg.Database + name); err != nil && !os.IsNotExist(err) {
			s.t.Fatal(err)
		}
	}
	gone := func(path string) error {
		if err := first(path); !os.IsNotExist(err) {
			return err
		}
		return nil
	}
	if first == nil {
		gone = nil
	}
	if err := putBack(s.backups[s.rng.IntN(len(s.backups))], lock, gone); err != nil {
		s.t.Fatal(err)
	}
	s.note("restore")
	s.reach("backup put back")
	s.setBack()
}

// loseDatabase: with a trace of an earlier one, none is begun in silence.
func (s *swarm) loseDatabase() {
	away := s.cfg.Database + ".away"
	if err := os.Rename(s.cfg.Database, away); err != nil {
		s.t.Fatal(err)
	}
	s.refused("a database that is lost")
	if err := os.Rename(away, s.cfg.Database); err != nil {
		s.t.Fatal(err)
	}
}

// refused holds that the daemon does not start.
func (s *swarm) refused(what string) {
	asked := len(s.seek.Queries())
	d, err := openDaemon(s.t.Context(), s.cfg, newLogger(s, zapcore.InfoLevel, "json"), outside{now: s.now, dial: (&life{site: s.site}).dial})
	if err == nil {
		err = d.run(s.t.Context(), nil)
		d.close()
	}
	s.holds("I14 no silent start", err != nil && len(s.seek.Queries()) == asked, "%s was begun: %v", what, err)
}

// foreignConfig: a position that was reached with other settings is not used.
func (s *swarm) foreignConfig() {
	if s.count("SELECT count(*) FROM cursors WHERE kind = 'live' AND ended_at IS NULL") == 0 {
		return
	}
	kept := s.cfg
	changed := *kept
	changed.Streams = append([]config.Stream(nil), kept.Streams...)
	changed.Streams[0].EventTypes = []string{"SomethingElse"}
	s.cfg = &changed
	s.refused("a cursor of another config")
	s.cfg = kept
}

// look: whatever people look at, the file stays as it is, byte for byte.
func (s *swarm) look() {
	s.types("seek-poller status") // the first one may still move SQLite's log into the file
	before := s.fileBytes()
	for _, line := range []string{"status", "cursors list", "events list", "deliveries list", "destinations list", "actions", "verify"} {
		if code, _, stderr := s.types(line); code != exitDone && code != exitUnhealthy {
			s.t.Errorf("%s ended with %d: %s", line, code, stderr)
		}
		s.holds("I22 readers", s.fileBytes() == before, "%s changed the database", line)
	}
}

func (s *swarm) fileBytes() uint64 {
	content, err := os.ReadFile(s.cfg.Database)
	if err != nil {
		s.t.Fatal(err)
	}
	return hashed64(string(content))
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
