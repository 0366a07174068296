package admin

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"time"
)

// ListenSocket makes the unix socket at path, mode 0660, for its owner and for group (a name or a number; "" leaves the process's own).
// A socket that a dead process left is replaced; one at which somebody answers is not. The socket appears under its name only once its
// mode and group are right. Closing the listener removes it, unless another one has taken the name.
func ListenSocket(path, group string) (net.Listener, error) {
	if err := free(path); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, fmt.Errorf("make the directory of the admin socket: %w", err)
	}
	// In a directory of its own nobody reaches it before its mode is right, whatever the umask.
	private, err := os.MkdirTemp(filepath.Dir(path), ".")
	if err != nil {
		return nil, fmt.Errorf("open the admin socket %s: %w", path, err)
	}
	defer os.RemoveAll(private)
	draft := filepath.Join(private, "s")
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: draft, Net: "unix"})
	if err != nil {
		return nil, fmt.Errorf("open the admin socket %s: %w", path, err)
	}
	l.SetUnlinkOnClose(false)
	made, err := publish(draft, path, group)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open the admin socket %s: %w", path, err), l.Close())
	}
	return &named{Listener: l, path: path, made: made}, nil
}

// named is a listener that takes its name away when it ends.
type named struct {
	net.Listener
	path string
	made os.FileInfo
	once sync.Once
}

// Close removes the name first: as long as somebody listens, no other process takes it over.
func (l *named) Close() error {
	l.once.Do(func() {
		if now, err := os.Lstat(l.path); err == nil && os.SameFile(now, l.made) {
			_ = os.Remove(l.path) // what stays is replaced by the next
		}
	})
	return l.Listener.Close()
}

// free refuses a path that is in use.
func free(path string) error {
	info, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("look at the admin socket: %w", err)
	}
	if info.Mode().Type() != fs.ModeSocket {
		return fmt.Errorf("%s is no socket: it is not replaced; remove it, or set admin.socket to another path", path)
	}
	c, err := net.DialTimeout("unix", path, time.Second)
	switch {
	case err == nil:
		c.Close()
		return fmt.Errorf("another process answers at the admin socket %s: set admin.socket to another path", path)
	case errors.Is(err, syscall.ECONNREFUSED), errors.Is(err, fs.ErrNotExist):
		return nil
	}
	return fmt.Errorf("it cannot be seen whether another process answers at the admin socket %s: %w; remove it if it is not needed", path, err)
}

func publish(draft, path, group string) (os.FileInfo, error) {
	if group != "" {
		gid, err := groupID(group)
		if err != nil {
			return nil, err
		}
		if err := os.Chown(draft, -1, gid); err != nil {
			return nil, fmt.Errorf("give it to the group %s (must the daemon's user be a member?): %w", group, err)
		}
	}
	if err := os.Chmod(draft, 0o660); err != nil {
		return nil, err
	}
	made, err := os.Lstat(draft)
	if err != nil {
		return nil, err
	}
	return made, os.Rename(draft, path)
}

func groupID(name string) (int, error) {
	g, err := user.LookupGroup(name)
	if err != nil {
		g, err = user.LookupGroupId(name)
	}
	if err != nil {
		return 0, fmt.Errorf("there is no group %s on this machine", name)
	}
	return strconv.Atoi(g.Gid)
}
