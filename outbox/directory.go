package outbox

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"strconv"

	"seekpoller/store"
)

// DirectoryConfig is a directory that an importer reads.
type DirectoryConfig struct {
	Name  string
	Path  string
	Mode  os.FileMode // of the files; 0: 0640
	Group string      // name or number of the group that owns the files; "": the process's own
}

type directory struct {
	DirectoryConfig
	group int // -1: leave it
}

// NewDirectory makes a sender that writes one file an event: the envelope and a newline. A file appears under its name only when
// it is whole and on the disk; names that begin with a dot are being written or were left by a crash, and are not for importers.
// The name is a function of Key, so that a second delivery writes the same file again. A group that does not exist is an error;
// a directory that does not exist is not yet one: it may be mounted later, and its deliveries are retried.
func NewDirectory(c DirectoryConfig) (Sender, error) {
	if c.Mode == 0 {
		c.Mode = 0o640
	}
	group, err := groupNumber(c.Group)
	if err != nil {
		return nil, fmt.Errorf("find group of directory %s: %w", c.Path, err)
	}
	return &directory{DirectoryConfig: c, group: group}, nil
}

func groupNumber(name string) (int, error) {
	if name == "" {
		return -1, nil
	}
	if n, err := strconv.Atoi(name); err == nil && n >= 0 {
		return n, nil
	}
	g, err := user.LookupGroup(name)
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(g.Gid)
}

// Send opens the directory anew each time: what was mounted over it, or made since the last time, is what counts. os.Root keeps
// every name inside it.
func (s *directory) Send(ctx context.Context, batch []store.Delivery) Reply {
	root, err := os.OpenRoot(s.Path)
	if err != nil {
		return unwritten(err)
	}
	defer root.Close()
	for _, d := range batch {
		if ctx.Err() != nil {
			return unwritten(errors.New("stopped before all files were written"))
		}
		if err := s.write(root, d); err != nil {
			return unwritten(err)
		}
	}
	if err := syncDir(root); err != nil { // before this a power cut may take the names back, so it comes before we say delivered
		return unwritten(err)
	}
	return Reply{Verdict: Accepted}
}

func unwritten(err error) Reply {
	return Reply{Verdict: Retry, Detail: excerpt([]byte(err.Error()))}
}

func (s *directory) write(root *os.Root, d store.Delivery) error {
	key := Key(d.Event.ID, s.Name)
	for attempt := 1; attempt <= d.Attempt; attempt++ { // what a crash may have left
		if err := remove(root, temporary(key, attempt)); err != nil {
			return err
		}
	}
	name := temporary(key, d.Attempt)
	err := s.writeWhole(root, name, append(Envelope(d), '\n'))
	if err == nil {
		err = root.Rename(name, key+".json")
	}
	if err != nil {
		return errors.Join(err, remove(root, name))
	}
	return nil
}

// temporary has the attempt in it, so that a send whose lease lapsed in a hung system call and its successor do not write into
// one file.
func temporary(key string, attempt int) string { return fmt.Sprintf(".%s.%d.tmp", key, attempt) }

func (s *directory) writeWhole(root *os.Root, name string, content []byte) (err error) {
	f, err := root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if s.group >= 0 {
		if err := f.Chown(-1, s.group); err != nil {
			return err
		}
	}
	if err := f.Chmod(s.Mode); err != nil { // whatever the umask says
		return err
	}
	if _, err := f.Write(content); err != nil {
		return err
	}
	return f.Sync()
}

func remove(root *os.Root, name string) error {
	if err := root.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

func syncDir(root *os.Root) error {
	dir, err := root.Open(".")
	if err != nil {
		return err
	}
	defer dir.Close()
	return dir.Sync()
}
