// Package powercut cuts the power of a process at any moment of its life, afterwards.
//
// A process that is killed leaves to the kernel what it wrote; only a power cut shows what it forgot to sync. So a process is run once under
// strace, which tells every byte that it wrote, every name that it made and every sync (Record). From that record a disk is made as it may be
// found after a cut behind any of these calls (Cuts): what was synced is there; of what was not, some is, in any order, and some in part.
// Whoever recorded it recovers from each such disk and looks what is left.
//
// What is taken for granted of a disk: a sync that returned holds; a sector of 512 bytes is written whole or not at all, and its neighbours stay;
// a rename is there or not. A name is durable once its directory was synced, not when its file was. Modes and owners are not modelled.
package powercut

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// Recording is what a process did to the files below a directory.
type Recording struct {
	Ops   []Op
	begun Image // what was there before
	from  int   // the first op behind which the power may be cut
	end   int   // and the first behind which it may not
}

// Between is the recording with cuts behind the ops from one on and before another alone.
func (r *Recording) Between(from, end int) *Recording {
	return &Recording{r.Ops, r.begun, from, end}
}

// ErrNoTracer says that strace is not installed.
var ErrNoTracer = errors.New("strace is not installed")

// traced are the calls that change what is on a disk. Those that parse does not know are an error if they meet a recorded file.
var traced = []string{"open", "creat", "openat", "openat2", "close", "lseek", "pwrite64", "write", "writev", "pwritev", "pwritev2", "ftruncate", "truncate", "fallocate",
	"copy_file_range", "sendfile", "splice", "fsync", "fdatasync", "sync_file_range", "unlink", "unlinkat", "rmdir", "rename", "renameat", "renameat2",
	"link", "linkat", "symlink", "symlinkat", "mkdir", "mkdirat", "msync"}

// Record runs cmd and records what it does below dir. What it writes to the file notes, which is elsewhere, stands between as Note.
func Record(cmd *exec.Cmd, dir, notes string) (*Recording, error) {
	strace, err := exec.LookPath("strace")
	if err != nil {
		return nil, ErrNoTracer
	}
	if dir, err = filepath.EvalSymlinks(dir); err != nil {
		return nil, err
	}
	r := &Recording{}
	if r.begun, err = read(dir); err != nil {
		return nil, err
	}
	trace := notes + ".trace"
	defer os.Remove(trace)
	cmd.Args = append([]string{"strace", "-f", "--seccomp-bpf", "-y", "-xx", "-s", "100000000", "-o", trace, "-e", "trace=" + strings.Join(traced, ","), "--", cmd.Path}, cmd.Args[1:]...)
	cmd.Path = strace
	if out, err := cmd.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("record: %w\n%s", err, out)
	}
	text, err := os.ReadFile(trace)
	if err != nil {
		return nil, err
	}
	r.Ops, err = parse(string(text), dir, notes)
	r.end = len(r.Ops)
	return r, err
}

// Without is the recording as if the syncs that lost names had not been called: what a program without them would have done.
func (r *Recording) Without(lost func(ops []Op, i int) bool) *Recording {
	c := &Recording{begun: r.begun, from: r.from, end: r.end}
	for i, op := range r.Ops {
		if op.Call == Sync && lost(r.Ops, i) {
			op = Op{Call: Nothing}
		}
		c.Ops = append(c.Ops, op)
	}
	return c
}
