package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/spf13/cobra"

	"seekpoller/internal/admin"
	"seekpoller/internal/simulator"
)

// TestBackupBesideTheDaemon: a copy taken while the daemon works is whole by itself, private, and replaces nothing. Put in the place of the
// database, the daemon goes on from it: what came since is asked for again, and nothing is lost.
func TestBackupBesideTheDaemon(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t, simulator.Options{Seed: 31})
		s.seek.Add(300)
		life := s.start()
		time.Sleep(10 * time.Minute)
		to := filepath.Join(s.dir, "copy.db")
		var out bytes.Buffer
		cmd := &cobra.Command{}
		cmd.SetOut(&out)
		cmd.SetContext(t.Context())
		if err := fetchBackup(cmd, admin.Within(life.daemon.admin.Inside("tester (uid 1)")), to); err != nil {
			t.Fatal(err)
		}
		if info, err := os.Stat(to); err != nil || info.Mode().Perm() != 0o600 || !strings.Contains(out.String(), "is sound") {
			t.Errorf("the copy: %v %v\n%s", info, err, out.String())
		}
		if code, stdout, stderr := cli(t, "verify", "--database", to); code != exitDone {
			t.Errorf("verify of the copy ended with %d\n%s%s", code, stdout, stderr)
		}
		if code, _, stderr := cli(t, "backup", to, "--database", s.cfg.Database); code != exitFailed || !strings.Contains(stderr, "exists already") {
			t.Errorf("a backup over another one ended with %d: %s", code, stderr)
		}
		s.seek.Add(200)
		time.Sleep(time.Hour)
		life.stop()
		s.check(true)

		for _, end := range []string{"-wal", "-shm"} {
			_ = os.Remove(s.cfg.Database + end)
		}
		if err := os.Rename(to, s.cfg.Database); err != nil {
			t.Fatal(err)
		}
		life = s.start()
		time.Sleep(2 * time.Hour)
		life.stop()
		s.check(true)
	})
}
