package sweep_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// calls are those that change a file or a directory, or make one: whatever a power cut or a full disk can come between.
var calls = []string{
	"pwrite64", "write", "writev", "pwritev", "pwritev2", "fsync", "fdatasync", "sync_file_range", "msync", "ftruncate", "truncate", "fallocate",
	"openat", "open", "creat", "mkdir", "mkdirat", "rmdir", "unlink", "unlinkat", "rename", "renameat", "renameat2", "link", "linkat", "symlinkat",
	"chmod", "fchmod", "fchmodat", "chown", "fchown", "fchownat", "sendfile", "copy_file_range", "mmap",
}

// mode is what becomes of a call.
type mode struct{ name, inject string }

var modes = []mode{
	{"SIGKILL", "signal=SIGKILL:when=%d"},
	{"EIO once", "error=EIO:when=%d"},
	{"EIO from then on", "error=EIO:when=%d+"},
	{"ENOSPC from then on", "error=ENOSPC:when=%d+"},
}

func (m mode) kills() bool { return m.name == "SIGKILL" }
func (m mode) once() bool  { return m.name == "EIO once" }

// run is one life of the driver under strace.
type run struct {
	dir     string // with the database
	chapter string
	journal []string
	trace   []event
	stderr  bytes.Buffer
	status  int  // of the driver; below 0: it was killed
	fired   bool // the fault came to pass
	took    time.Duration
}

// event is one line of a trace.
type event struct {
	thread, name, path string
	injected           bool
}

func (r *run) database() string { return filepath.Join(r.dir, databaseName) }

// drive lets the driver live through a chapter. Without a fault it makes no difference to it that it is watched.
func drive(t testing.TB, r *reference, dir string, options ...string) *run {
	t.Helper()
	trace := filepath.Join(dir, "trace")
	options = append([]string{"-f", "-y", "-s", "0", "-o", trace}, options...)
	run := prepare(t, r, dir)
	cmd := run.command("strace", append(options, os.Args[0])...)
	_ = cmd.Run() // strace ends as the driver did
	run.end(t, cmd)
	run.readTrace(t, trace)
	return run
}

// prepare makes a copy of the database as it was before the chapter, and an empty journal.
func prepare(t testing.TB, r *reference, dir string) *run {
	t.Helper()
	out := &run{dir: filepath.Join(dir, "database"), chapter: r.chapter.name}
	must(t, os.RemoveAll(out.dir))
	must(t, copyDir(r.template, out.dir))
	must(t, os.WriteFile(out.journalFile(), make([]byte, journalBytes), 0o600))
	return out
}

// command is the driver, or what runs it.
func (r *run) command(name string, arguments ...string) *exec.Cmd {
	cmd := exec.Command(name, arguments...)
	cmd.Env = append(os.Environ(), "GOMAXPROCS=1", "GOGC=off", "GORACE=atexit_sleep_ms=0", chapterVariable+"="+r.chapter, pathVariable+"="+r.database(), journalVariable+"="+r.journalFile())
	cmd.Stderr = &r.stderr
	return cmd
}

func (r *run) end(t testing.TB, cmd *exec.Cmd) {
	t.Helper()
	r.status = cmd.ProcessState.ExitCode()
	text, err := os.ReadFile(r.journalFile())
	must(t, err)
	r.journal = strings.Split(strings.TrimRight(string(text), "\x00\n"), "\n")
}

func (r *run) journalFile() string { return r.dir + "-journal" }

func (r *run) readTrace(t testing.TB, path string) {
	t.Helper()
	text, err := os.ReadFile(path)
	must(t, err)
	for line := range strings.Lines(string(text)) {
		thread, rest, _ := strings.Cut(line, " ")
		rest = strings.TrimLeft(rest, " ")
		if strings.HasPrefix(rest, "+++ killed by SIGKILL") {
			r.fired = true
		}
		injected := strings.Contains(rest, "(INJECTED)")
		r.fired = r.fired || injected
		if strings.HasPrefix(rest, "<... ") { // the rest of a call that strace began to write, and then had to say something of another thread
			r.lastOf(thread).injected = injected
			continue
		}
		name, arguments, ok := strings.Cut(rest, "(")
		if !ok || strings.ContainsAny(name, " <+-") {
			continue
		}
		r.trace = append(r.trace, event{thread: thread, name: name, path: subject(arguments), injected: injected})
	}
}

func (r *run) lastOf(thread string) *event {
	for i := range slices.Backward(r.trace) {
		if r.trace[i].thread == thread {
			return &r.trace[i]
		}
	}
	return new(event)
}

// subject is the file that a call is about: of a descriptor as strace decodes it, or the first name.
func subject(arguments string) string {
	if i := strings.IndexByte(arguments, '"'); i >= 0 && i < strings.IndexByte(arguments+"</", '<')+200 {
		if strings.HasPrefix(arguments, "AT_FDCWD") || i == 0 {
			name, _, _ := strings.Cut(arguments[i+1:], `"`)
			return name
		}
	}
	_, path, _ := strings.Cut(arguments, "</")
	path, _, _ = strings.Cut(path, ">")
	if path == "" {
		return ""
	}
	return "/" + path
}

// counted is how often each call is made by the driver's own thread in a chapter, and how often before it begins.
type counted struct{ before, within map[string]int }

// count makes a run without faults.
func count(t *testing.T, r *reference, dir string) (counted, *run) {
	t.Helper()
	run := drive(t, r, dir, "-e", "trace="+strings.Join(calls, ",")+",access,faccessat,faccessat2")
	c := counted{map[string]int{}, map[string]int{}}
	to := c.before
	for _, e := range run.trace {
		switch {
		case e.path == beginMark:
			to = c.within
		case e.name == "access" || strings.HasPrefix(e.name, "faccessat"):
		case e.thread != run.trace[0].thread:
			if strings.HasPrefix(e.path, run.dir) {
				t.Errorf("%s: another thread than the driver's makes a %s of %s, which strace counts apart", r.chapter.name, e.name, e.path)
			}
		case e.name == "mmap" && e.path != run.database()+"-shm": // memory of the process, and nothing of the database
		default:
			to[e.name]++
		}
	}
	return c, run
}

// countAgain is the same by strace's own counting, of all threads and with what came before.
func countAgain(t *testing.T, r *reference, dir string) map[string]int {
	t.Helper()
	drive(t, r, dir, "-c", "-U", "name,calls")
	text, err := os.ReadFile(filepath.Join(dir, "trace"))
	must(t, err)
	sums := map[string]int{}
	for line := range strings.Lines(string(text)) {
		if words := strings.Fields(line); len(words) == 2 {
			if n, err := strconv.Atoi(words[1]); err == nil {
				sums[words[0]] = n
			}
		}
	}
	return sums
}

// faulty makes a run in which the nth call of a name in the driver's thread fails.
func faulty(t testing.TB, r *reference, dir, name string, m mode, n int) *run {
	t.Helper()
	traced := name
	options := []string{"-e", fmt.Sprintf("inject=%s:"+m.inject, name, n)}
	switch {
	case name == "mmap":
		options = append(options, "-P", filepath.Join(dir, "database", databaseName)+"-shm")
	case m.once():
		traced += ",openat,pwrite64"
	}
	if !m.kills() { // a signal is lost in what makes strace fast
		options = append(options, "--seccomp-bpf")
	}
	return drive(t, r, dir, append(options, "-e", "trace="+traced)...)
}

// TestTraceOfTwoThreads: a call is injected as well if strace had to write of another thread between its beginning and its end.
func TestTraceOfTwoThreads(t *testing.T) {
	path := filepath.Join(t.TempDir(), "trace")
	must(t, os.WriteFile(path, []byte("7  mmap(NULL, 32768, PROT_READ, MAP_SHARED, 5</d/db-shm>, 0 <unfinished ...>\n"+
		"8  --- SIGURG {si_signo=SIGURG} ---\n8  fsync(4</d/db-wal>) = 0\n"+
		"7  <... mmap resumed>) = -1 EIO (Input/output error) (INJECTED)\n7  fsync(4</d/db-wal> <unfinished ...>\n8  +++ exited with 0 +++\n7  <... fsync resumed>) = ?\n"), 0o600))
	var r run
	r.readTrace(t, path)
	want := []event{{"7", "mmap", "/d/db-shm", true}, {"8", "fsync", "/d/db-wal", false}, {"7", "fsync", "/d/db-wal", false}}
	if !r.fired || !slices.Equal(r.trace, want) {
		t.Errorf("fired: %t, %+v", r.fired, r.trace)
	}
}
