package sweep_test

import (
	"path/filepath"
	"strings"
	"testing"
)

// known is a fault that may pass without a word, or with a wrong one, and why that does no harm.
type known struct{ call, of, why string }

// quiet are the faults that nobody is told of. SQLite keeps them to itself, if nothing else is said.
var quiet = []known{
	{"openat", "/dev/urandom", "SQLite takes the time and the process's number in its place"},
	{"openat", "directory of temporary files", "SQLite goes on to the next one that it knows"},
	{"openat", "directory", "it is opened to be synced; see there"},
	{"fsync", "directory", "the name of a new log may not be on the disk yet, nor that one is gone; only a power cut as well could show it"},
	{"openat", "directory above", "it is opened to be synced; see there"},
	{"fsync", "directory above", "the directory was there before us, and so was its name"},
	{"openat", "database", "SQLite opens it for reading only, and a connection that reads needs no more"},
	{"openat", "-wal", "SQLite opens it for reading only, and a connection that reads needs no more"},
	{"openat", "draft", "SQLite opens it for reading only, and a connection that reads needs no more"},
	{"unlink", "-wal", "the log was emptied into the database before; the next process reads it and finds nothing that is new"},
	{"unlink", "-shm", "what it says is made anew by the next process that opens the database alone"},
	{"unlink", "draft's -wal", "its directory is removed as a whole"},
	{"unlink", "draft's -shm", "its directory is removed as a whole"},
	{"unlink", "draft's -journal", "its directory is removed as a whole"},
	{"unlinkat", "draft's directory", "the second way to remove it, as a directory, holds"},
	{"openat", "draft's directory", "it is opened to be synced; see there"},
	{"fsync", "draft's directory", "a draft counts once it was moved, and that directory is synced by ourselves"},
	{"fchown", "-wal", ownersOnly}, {"fchown", "-shm", ownersOnly}, {"fchown", "-journal", ownersOnly},
	{"fchown", "draft's -wal", ownersOnly}, {"fchown", "draft's -shm", ownersOnly}, {"fchown", "draft's -journal", ownersOnly},
	{"pwrite64", "database", movedLater}, {"fsync", "database", movedLater}, {"ftruncate", "database", movedLater}, {"fsync", "-wal", movedLater},
}

const (
	ownersOnly = "only root gives a file of its own to the owner of the database, and any other user is the owner"
	movedLater = "the log is moved into the database after a commit that holds; it stays as it is, and the next move begins anew"
)

// untrue are the faults after which a call may say that it failed although its transaction is found later. Whoever was told so asks again, and finds it done.
var untrue = []known{
	{"fsync", "-wal", "the whole transaction is in the log, and nobody knows whether it is on the disk"},
	{"pwrite64", ".lock", noteOnly}, {"ftruncate", ".lock", noteOnly},
}

const noteOnly = "the slot is taken, and only the note beside the database failed: the slot is used up, and no query is sent"

// explain sees to it that a fault is on a list, and counts it there. Of many faults in a row, one must be.
func (c *tally) explain(t testing.TB, list []known, what string, run *run) {
	var faults []string
	for _, e := range run.trace {
		if !e.injected {
			continue
		}
		of := run.describe(e.path)
		for _, k := range list {
			if k.call == e.name && k.of == of {
				c.add(what + ": " + k.call + " of " + k.of + ", because " + k.why)
				return
			}
		}
		faults = append(faults, e.name+" of "+of+" ("+e.path+")")
	}
	t.Errorf("%s, and no reason is known why that does no harm: %q", what, faults)
}

// describe names a file by what it is for.
func (r *run) describe(path string) string {
	rest, ours := strings.CutPrefix(path, r.database())
	draft, inDraft := strings.CutPrefix(rest, ".new-")
	switch {
	case path == r.dir:
		return "directory"
	case path == filepath.Dir(r.dir):
		return "directory above"
	case path == "/var/tmp", path == "/tmp":
		return "directory of temporary files"
	case path == r.database():
		return "database"
	case inDraft && !strings.Contains(draft, "/"):
		return "draft's directory"
	case inDraft && !strings.Contains(filepath.Base(draft), "-"):
		return "draft"
	case inDraft:
		return "draft's " + draft[strings.LastIndex(draft, "-"):]
	case ours:
		return rest
	}
	return path
}
