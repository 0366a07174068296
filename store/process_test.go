package store_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"seekpoller/store"
)

// The test binary runs itself again as other processes on the same database.
const (
	roleVariable = "STORE_TEST_ROLE"
	pathVariable = "STORE_TEST_PATH"
	brief        = 20 * time.Millisecond // the interval of those tests
)

func TestMain(m *testing.M) {
	roles := map[string]func(path string) error{"contend": contend, "feed": feed, "creation": creation, "first life": firstLife, "second life": secondLife, "upgrading": upgrading, "wiping": wiping}
	role := os.Getenv(roleVariable)
	if role == "" {
		os.Exit(m.Run())
	}
	if err := roles[role](os.Getenv(pathVariable)); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func process(t *testing.T, role, path string) (*exec.Cmd, io.Reader) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), roleVariable+"="+role, pathVariable+"="+path)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	must(t, err)
	must(t, cmd.Start())
	return cmd, out
}

const (
	processes = 8
	grants    = 5 // to each process
)

// contend takes its share of slots, as fast as they are given, and prints the boot time at which it asked for each.
func contend(path string) error {
	ctx := context.Background()
	s, err := store.Open(ctx, path, store.Options{Shared: true, Started: store.ReadClock()})
	if err != nil {
		return err
	}
	defer s.Close()
	for taken := 0; taken < grants; {
		now := store.ReadClock()
		q, err := s.TakeSlot(ctx, store.Ask{CursorID: 1, RequestID: "r", Selection: "ids", First: 1, Interval: brief, Timeout: time.Second}, now)
		var soon *store.TooSoonError
		if errors.As(err, &soon) {
			continue
		}
		if err != nil {
			return err
		}
		taken++
		fmt.Println(int64(now.Boot))
		if err := s.Fail(ctx, q, store.Failure{Kind: "transient", Message: "none"}, store.ReadClock()); err != nil {
			return err
		}
	}
	return nil
}

func TestProcessesShareOneSlot(t *testing.T) {
	w := newWorld(t)
	w.live("applications")
	must(t, w.s.Close())
	var running []*exec.Cmd
	var outs []io.Reader
	for range processes {
		cmd, out := process(t, "contend", w.path)
		running, outs = append(running, cmd), append(outs, out)
	}
	var asked []int64
	for i, cmd := range running {
		text, err := io.ReadAll(outs[i])
		must(t, err)
		must(t, cmd.Wait())
		for _, line := range strings.Fields(string(text)) {
			n, err := strconv.ParseInt(line, 10, 64)
			must(t, err)
			asked = append(asked, n)
		}
	}
	if len(asked) != processes*grants {
		t.Errorf("%d grants", len(asked))
	}
	slices.Sort(asked)
	for i := 1; i < len(asked); i++ {
		if gap := time.Duration(asked[i] - asked[i-1]); gap < brief {
			t.Errorf("grants %d and %d are %v apart", i-1, i, gap)
		}
	}
	w.open(false)
	w.check()
}

// feed saves pages and settles deliveries until it is killed, and prints each page after its commit.
func feed(path string) error {
	ctx := context.Background()
	s, err := store.Open(ctx, path, store.Options{Started: store.ReadClock()})
	if err != nil {
		return err
	}
	c, _, err := s.EnsureLive(ctx, store.NewCursor{Stream: "applications", Fingerprint: "f1"}, store.ReadClock())
	for n := int(c.Events); err == nil; n += 10 {
		if err = feedOne(ctx, s, c.ID, n); err == nil {
			fmt.Println(n + 10)
		}
	}
	return err
}

func feedOne(ctx context.Context, s *store.Store, cursor int64, n int) error {
	q, err := s.TakeSlot(ctx, store.Ask{CursorID: cursor, RequestID: "r", Selection: "ids", First: 10}, store.ReadClock())
	if err != nil {
		return err
	}
	page := store.Page{Events: events(n, 10, "ats"), Position: fmt.Sprint("p", n), State: store.Behind, More: true}
	if _, err := s.SavePage(ctx, q, page, store.ReadClock()); err != nil {
		return err
	}
	now := store.ReadClock().Wall
	claimed, err := s.Claim(ctx, "ats", 10, time.Minute, now)
	if err != nil || len(claimed) == 0 {
		return err
	}
	var ss []store.Settlement
	for _, d := range claimed {
		ss = append(ss, store.Settlement{Seq: d.Event.Seq, Attempt: d.Attempt, Outcome: store.Delivered, StartedAt: now, EndedAt: now})
	}
	_, err = s.Settle(ctx, "ats", ss, now)
	return err
}

// A process killed at any moment loses nothing that it was told is saved, and leaves nothing half done.
func TestKilled(t *testing.T) {
	w := newWorld(t)
	w.destinations("ats")
	must(t, w.s.Close())
	for life := range 12 {
		cmd, out := process(t, "feed", w.path)
		told := 0
		lines := bufio.NewScanner(out)
		for n := 0; n <= life%5 && lines.Scan(); n++ {
			told, _ = strconv.Atoi(lines.Text())
		}
		must(t, cmd.Process.Kill())
		for lines.Scan() {
			told, _ = strconv.Atoi(lines.Text())
		}
		if err := cmd.Wait(); err == nil || told == 0 {
			t.Fatalf("life %d ended by itself after %d events: %v", life, told, err)
		}
		w.clock.id = fmt.Sprint("boot-", life)
		w.open(false)
		w.check()
		stored := w.count("SELECT count(*) FROM events")
		counted := w.count("SELECT events FROM cursors")
		owed := w.count("SELECT count(*) FROM outbox")
		if stored < told || stored%10 != 0 || counted != stored || owed != stored {
			t.Errorf("life %d: told %d, stored %d, counted %d, deliveries %d", life, told, stored, counted, owed)
		}
		must(t, w.s.Close())
	}
	w.open(false)
}
