package main

import (
	"database/sql"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// TestHandlersWhoseStoreFails: no handler says that it has what it could not store; when it can again, the same request is accepted.
func TestHandlersWhoseStoreFails(t *testing.T) {
	t.Parallel()
	for _, s := range samples() {
		if s.exec {
			continue
		}
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			for _, tool := range s.tools {
				needTool(t, tool)
			}
			h := newHandlerSite(t, s, 30)
			if s.name == "node" { // a crash has cut a line off
				if err := os.WriteFile(h.database(), []byte(`{"events":[{"id":"to`), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			h.startHandler()
			send := func(id string, status int) {
				body := fmt.Sprintf(`{"events":[{"id":%q,"type":"PositionNotPosted"}]}`, id)
				if got, said, err := h.post([]byte(body), sign(secret, body)); err != nil || got/100 != status/100 {
					t.Errorf("event %s: got %d %q (%v), want %d", id, got, said, err, status)
				}
			}
			holds := func(want int) {
				if got := h.stored(); got != want {
					t.Errorf("%d events are stored, want %d", got, want)
				}
			}
			send("first", 200)
			holds(1)
			mend := h.breakStore()
			send("second", 503)
			mend()
			holds(1)
			send("second", 200)
			holds(2)
		})
	}
}

// breakStore makes every write fail: somebody else holds the database, or, where a file is only appended to, the disk is full.
func (h *handlerSite) breakStore() (mend func()) {
	h.t.Helper()
	if h.sample.name == "node" {
		h.limitFiles(3) // half a line
		return func() { h.limitFiles(unix.RLIM_INFINITY) }
	}
	db, err := sql.Open("sqlite3", "file:"+h.database()+"?_txlock=exclusive&_busy_timeout=5000")
	if err != nil {
		h.t.Fatal(err)
	}
	tx, err := db.Begin()
	if err != nil {
		h.t.Fatal(err)
	}
	return func() {
		if err := errors.Join(tx.Rollback(), db.Close()); err != nil {
			h.t.Error(err)
		}
	}
}

func (h *handlerSite) limitFiles(bytes uint64) {
	h.t.Helper()
	limit := unix.Rlimit{Cur: bytes, Max: unix.RLIM_INFINITY}
	if err := unix.Prlimit(h.handler.Process.Pid, unix.RLIMIT_FSIZE, &limit, nil); err != nil {
		h.t.Fatal(err)
	}
}

// TestShellImport: what the program of the exec destination says by its exit status, and that a second time changes nothing.
func TestShellImport(t *testing.T) {
	for _, tool := range []string{"bash", "sqlite3"} {
		needTool(t, tool)
	}
	dir := t.TempDir()
	const application = `{"id":"e%d","type":"CandidateApplicationCreated","hirerId":null,"identifiers":{"candidateApplicationProfileId":"p%[1]d"},"node":{"text":"it's \"quoted\"\n"}}`
	one, two := fmt.Sprintf(application, 1), fmt.Sprintf(application, 2)
	for _, c := range []struct {
		in           string
		status       int
		events, owed int
	}{
		{one + "\n", 0, 1, 1},
		{one + "\n", 0, 1, 1},
		{two + "\n" + one + "\n" + two + "\n", 0, 2, 2},
		{"{\n", 65, 2, 2},
		{"", 65, 2, 2},
		{fmt.Sprintf(application, 3) + "\n{}\n", 65, 2, 2},
	} {
		cmd := exec.Command("bash", handlersDir+"/shell/import-event.sh")
		cmd.Env = append(os.Environ(), "HANDLER_DATABASE="+dir+"/handler.db")
		cmd.Stdin = strings.NewReader(c.in)
		out, _ := cmd.CombinedOutput()
		k := readDatabase(t, dir+"/handler.db")
		if got := cmd.ProcessState.ExitCode(); got != c.status || len(k.events) != c.events || k.owed() != c.owed || (got == 0) != (len(out) == 0) {
			t.Errorf("%q: got %d, %q, %d events, %d owed; want %+v", c.in, got, out, len(k.events), k.owed(), c)
		}
	}
}
