package store

import (
	"os"
	"sync"

	"golang.org/x/sys/unix"
)

// rawFile is the database opened past SQLite, once it was needed. It stays open until all of SQLite's connections are closed: closing it would
// drop their locks.
type rawFile struct {
	mu   sync.Mutex // guards file
	file *os.File
}

func (r *rawFile) open(path string) (*os.File, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.file == nil {
		f, err := os.OpenFile(path, os.O_RDWR|unix.O_NOFOLLOW, 0)
		if err != nil {
			return nil, obstacle("open the database for wiping", err)
		}
		r.file = f
	}
	return r.file, nil
}

func (r *rawFile) close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.file == nil {
		return nil
	}
	return r.file.Close()
}
