package main

import (
	"os"
	"path/filepath"

	"go.uber.org/zap/zapcore"

	"seekpoller/internal/config"
)

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
