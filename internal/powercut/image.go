package powercut

import (
	"hash/maphash"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
)

// Image is what is on a disk, by path.
type Image struct {
	Dirs  []string // each after the one that it is in
	Files map[string][]byte
}

func read(dir string) (Image, error) {
	m := Image{Files: map[string][]byte{}}
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, _ := filepath.Rel(dir, path)
		if entry.IsDir() {
			m.Dirs = append(m.Dirs, name)
			return nil
		}
		m.Files[name], err = os.ReadFile(path)
		return err
	})
	return m, err
}

// WriteTo makes the files below dir, which must be empty, for the owner alone.
func (m Image) WriteTo(dir string) error {
	for _, name := range m.Dirs {
		if err := os.MkdirAll(filepath.Join(dir, name), 0o700); err != nil {
			return err
		}
	}
	for name, content := range m.Files {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			return err
		}
	}
	return nil
}

// sum tells images apart.
func (m Image) sum(seed maphash.Seed) uint64 {
	var h maphash.Hash
	h.SetSeed(seed)
	for _, name := range m.Dirs {
		h.WriteString(name + "/\x00")
	}
	for _, name := range slices.Sorted(maps.Keys(m.Files)) {
		h.WriteString(name + "\x00")
		maphash.WriteComparable(&h, len(m.Files[name]))
		h.Write(m.Files[name])
	}
	return h.Sum64()
}
