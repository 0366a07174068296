package main

import (
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"seekpoller/internal/admin"
)

// stranger is a user who owns nothing; groupies are a group that every Linux has.
const (
	stranger = 65534
	groupies = 1
)

// TestSocketUsers runs the program as other people beside a daemon of root's: whoever is in the socket's group can look and act, and the record
// names him; whoever is not can do nothing, and is told why.
func TestSocketUsers(t *testing.T) {
	t.Parallel()
	if os.Getuid() != 0 {
		t.Skip("only root can be other people")
	}
	u := newUserSite(t)
	defer u.stop(t)
	event := u.anEvent(t)
	verbs := [][]string{
		{"status"}, {"events", "list"}, {"events", "explain", event}, {"deliveries", "list"}, {"cursors", "list"}, {"actions"},
		{"cursors", "rewind", "all", "--to-time", "2020-01-01"},
	}
	act := slices.Concat(verbs[len(verbs)-1], []string{"--yes", "--reason", "to see who may"})
	for _, verb := range append(verbs, act) {
		code, out := u.as(t, nil, verb...)
		if code != exitNoDaemon || !strings.Contains(out, "not for this user") || !strings.Contains(out, "admin.group") {
			t.Errorf("%q outside the group: ended with %d\n%s", verb, code, out)
		}
	}
	for _, verb := range append(verbs, act) {
		code, out := u.as(t, []uint32{groupies}, verb...)
		if code != exitDone && !(verb[0] == "status" && code == exitUnhealthy) {
			t.Errorf("%q in the group: ended with %d\n%s", verb, code, out)
		}
		if verb[len(verb)-1] == event && !strings.Contains(out, event) {
			t.Errorf("explain says nothing of the event:\n%s", out)
		}
	}
	u.checkRecord(t)
}

// userSite is a daemon of root's with a socket for a group, and a program that everybody may run.
type userSite struct {
	*killSite
	public, socket string
	cmd            *exec.Cmd
	out            *output
}

func newUserSite(t *testing.T) *userSite {
	t.Helper()
	group, err := user.LookupGroupId("1")
	if err != nil {
		t.Skip("there is no group 1 here")
	}
	public, err := os.MkdirTemp("", "seek-poller-public-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(public) })
	u := &userSite{killSite: newKillSite(t, 50), public: public, socket: filepath.Join(public, "run", "admin.sock")}
	u.copyProgram(t)
	config := filepath.Join(u.dir, "config.yaml")
	text, err := os.ReadFile(config)
	if err != nil {
		t.Fatal(err)
	}
	open := strings.Replace(string(text), "admin: {socket: "+u.dir+"/admin.sock,", "admin: {socket: "+u.socket+", group: "+group.Name+",", 1)
	if err := os.WriteFile(config, []byte(open), 0o600); err != nil {
		t.Fatal(err)
	}
	u.cmd, u.out = u.program(t, t.Context())
	if err := eventually(func() bool { _, err := os.Lstat(u.socket); return err == nil }); err != nil {
		t.Fatalf("no socket %v\n%s", err, u.out.String())
	}
	return u
}

func (u *userSite) copyProgram(t *testing.T) {
	t.Helper()
	if err := os.Chmod(u.public, 0o755); err != nil {
		t.Fatal(err)
	}
	from, err := os.Open("/proc/self/exe")
	if err != nil {
		t.Fatal(err)
	}
	defer from.Close()
	to, err := os.OpenFile(filepath.Join(u.public, "seek-poller"), os.O_CREATE|os.O_WRONLY, 0o755)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(to, from); err != nil {
		t.Fatal(err)
	}
	if err := to.Close(); err != nil {
		t.Fatal(err)
	}
}

// anEvent waits for an event that has arrived, and returns its id.
func (u *userSite) anEvent(t *testing.T) (id string) {
	t.Helper()
	err := eventually(func() bool {
		for id = range u.receiver.Accepted() {
			return true
		}
		return false
	})
	if err != nil {
		t.Fatalf("no event arrived: %v\n%s", err, u.out.String())
	}
	return id
}

// as runs a verb as the stranger, in these groups beside his own.
func (u *userSite) as(t *testing.T, groups []uint32, verb ...string) (code int, out string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), filepath.Join(u.public, "seek-poller"), append(verb, "--socket", u.socket)...)
	cmd.Env = []string{"TEST_AS_PROGRAM=1", "HOME=/", "PATH=/usr/bin:/bin"}
	cmd.Dir = "/"
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: stranger, Gid: stranger, Groups: groups}}
	text, err := cmd.CombinedOutput()
	var ended *exec.ExitError
	if err != nil && !errors.As(err, &ended) {
		t.Fatalf("%q: %v", verb, err)
	}
	return cmd.ProcessState.ExitCode(), string(text)
}

// checkRecord: the one deed is recorded as the stranger's, whatever he calls himself.
func (u *userSite) checkRecord(t *testing.T) {
	t.Helper()
	_, text := u.as(t, []uint32{groupies}, "actions", "-o", "json")
	var list struct {
		Actions []struct{ Actor, Reason string }
	}
	if err := json.Unmarshal([]byte(text), &list); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	if want := admin.UserName(stranger); len(list.Actions) != 1 || list.Actions[0].Actor != want || list.Actions[0].Reason != "to see who may" {
		t.Errorf("the record holds %+v, want one deed of %s", list.Actions, want)
	}
}

// stop ends the daemon; its socket goes with it, and whoever asks then is told that nobody answers.
func (u *userSite) stop(t *testing.T) {
	t.Helper()
	if err := u.cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := awaitEnd(u.cmd); err != nil {
		t.Errorf("the daemon ended with: %v\n%s", err, tail(u.out.String()))
	}
	u.checkOutput(t, u.out.String())
	if _, err := os.Lstat(u.socket); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the socket stays: %v", err)
	}
	if code, out := u.as(t, []uint32{groupies}, "status"); code != exitNoDaemon || !strings.Contains(out, "no daemon answers") {
		t.Errorf("without a daemon: ended with %d\n%s", code, out)
	}
}

// TestEndWhileSomebodyWaits: a consumer that waits at the feed does not keep the daemon from ending; he is answered.
func TestEndWhileSomebodyWaits(t *testing.T) {
	t.Parallel()
	k := newKillSite(t, 3)
	cmd, out := k.program(t, t.Context())
	socket := filepath.Join(k.dir, "admin.sock")
	if err := eventually(func() bool { return len(k.receiver.Accepted()) == 3 }); err != nil {
		t.Fatalf("not everything arrived: %v\n%s", err, out.String())
	}
	answered := make(chan error, 1)
	var feed admin.Feed
	go func() {
		answered <- admin.Dial(socket).Get(t.Context(), "/api/v1/feed", map[string][]string{"after": {"3"}, "wait": {"30"}}, &feed)
	}()
	select {
	case err := <-answered:
		t.Fatalf("answered too early: %v %+v", err, feed)
	case <-time.After(300 * time.Millisecond):
	}
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := <-answered; err != nil || feed.Next != 3 || feed.More {
		t.Errorf("answered %+v, %v", feed, err)
	}
	if err := awaitEnd(cmd); err != nil {
		t.Errorf("the daemon ended with: %v\n%s", err, tail(out.String()))
	}
}
