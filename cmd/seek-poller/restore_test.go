package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"seekpoller/internal/simulator"
)

// TestRestoreKeepsTheRules: a backup that is put back on the same machine, at once, does not know the last queries. In whatever way it is put back, SEEK's minute and
// its quarter of an hour hold, also if the daemon crashes meanwhile; everything arrives, and after one query the wait is over for good.
func TestRestoreKeepsTheRules(t *testing.T) {
	ways := map[string]func(s *site, backup map[string][]byte) error{
		"over the file": func(s *site, backup map[string][]byte) error {
			return putBack(backup, false, nil)
		},
		"another file": func(s *site, backup map[string][]byte) error {
			return putBack(backup, false, os.Remove)
		},
		"without the lock": func(s *site, backup map[string][]byte) error {
			return os.Remove(s.cfg.Database + ".lock")
		},
		"the whole directory": func(s *site, backup map[string][]byte) error {
			return putBack(backup, true, os.Remove)
		},
		"another directory": func(s *site, backup map[string][]byte) error {
			s.cfg.Database = filepath.Join(s.dir, "moved", "seek-poller.db")
			if err := os.Mkdir(filepath.Dir(s.cfg.Database), 0o700); err != nil {
				return err
			}
			for path, content := range backup {
				if strings.HasSuffix(path, ".db") {
					return os.WriteFile(s.cfg.Database, content, 0o600)
				}
			}
			return nil
		},
	}
	for name, restore := range ways {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newSite(t, simulator.Options{Seed: 27})
				s.seek.Add(250)
				life := s.start()
				time.Sleep(90 * time.Second) // two pages of three
				life.stop()
				backup, err := filesOf(filepath.Dir(s.cfg.Database))
				if err != nil {
					t.Fatal(err)
				}
				life = s.start()
				time.Sleep(2 * time.Minute) // the last page, and a part of the quiet
				life.stop()
				if err := restore(s, backup); err != nil {
					t.Fatal(err)
				}
				asked := len(s.seek.Queries())
				life = s.start()
				time.Sleep(5 * time.Minute)
				if name == "over the file" {
					life.crash()
				} else {
					life.stop()
				}
				life = s.start()
				time.Sleep(5 * time.Minute)
				if n := len(s.seek.Queries()); n > asked {
					t.Errorf("%d queries were made within ten minutes", n-asked)
				}
				if !strings.Contains(s.log(), "restored from a backup or came from another machine") {
					t.Error("the log does not say why nothing is asked")
				}
				time.Sleep(time.Hour)
				life.stop()
				asked = len(s.seek.Queries())
				s.seek.Add(120)
				time.Sleep(20 * time.Minute)
				life = s.start()
				time.Sleep(3 * time.Minute)
				if n := len(s.seek.Queries()); n < asked+2 {
					t.Errorf("%d queries were made within three minutes of a plain restart, want 2", n-asked)
				}
				time.Sleep(time.Hour)
				life.stop()
				s.check(true)
			})
		})
	}
}

// putBack writes files back, the lock only if it is wanted; first does what is wanted to the file that is there.
func putBack(backup map[string][]byte, lock bool, first func(string) error) error {
	for path, content := range backup {
		if strings.HasSuffix(path, ".lock") && !lock {
			continue
		}
		if first != nil {
			if err := first(path); err != nil {
				return err
			}
		}
		if err := os.WriteFile(path, content, 0o600); err != nil {
			return err
		}
	}
	return nil
}
