package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Upgrade is what Open does to a database of an older version.
type Upgrade struct {
	From, To int    // versions of the schema
	Bytes    int64  // that the copy takes, at most
	Copy     string // path of the copy that is made before; "" if none was
}

// Upgraded is what Open did, and nil if the database was up to date.
func (s *Store) Upgraded() *Upgrade { return s.upgraded }

// upgrade brings an older schema up to date. Before it changes anything it makes a copy beside the database, under a name that says so. A crash leaves
// the old schema or the new one, and perhaps one more copy.
func (s *Store) upgrade(ctx context.Context, o Options) error {
	u := Upgrade{To: len(migrations())}
	if err := s.writer.QueryRowContext(ctx, "PRAGMA user_version").Scan(&u.From); err != nil {
		return explain(s.path, err)
	}
	if u.From >= u.To {
		return nil
	}
	var err error
	if u.Bytes, err = usedBytes(ctx, s.writer); err != nil {
		return explain(s.path, err)
	}
	if !o.WithoutCopy {
		u.Copy = s.path + copyMark + fmt.Sprintf("%d-%s.backup", u.From, o.Started.Wall.UTC().Format(copyTime))
	}
	if o.Upgrading != nil {
		o.Upgrading(u)
	}
	if err := s.copyBefore(ctx, u); err != nil {
		return err
	}
	if err := migrate(ctx, s.writer); err != nil {
		return explain(s.path, err)
	}
	s.upgraded = &u
	return nil
}

const (
	copyMark = ".before-schema-"
	copyTime = "20060102T150405Z"
)

func usedBytes(ctx context.Context, db *sql.DB) (n int64, err error) {
	err = db.QueryRowContext(ctx, "SELECT (page_count - freelist_count) * page_size FROM pragma_page_count, pragma_freelist_count, pragma_page_size").Scan(&n)
	return n, err
}

func (s *Store) copyBefore(ctx context.Context, u Upgrade) error {
	if u.Copy == "" {
		return nil
	}
	left, _, err := s.Space()
	if err != nil {
		return err
	}
	if left < u.Bytes+u.Bytes/20 {
		return refusal{ErrNoRoom, fmt.Sprintf("the database is of an older version, and there is no room for the copy that is made before it is brought up to date: it takes up to %d MB, and the disk has %d MB left", mega(u.Bytes), mega(left)),
			"make room; or copy the database to another disk yourself, and start once with: seek-poller run --upgrade-without-copy"}
	}
	b, err := s.backup(ctx, "", true)
	if err != nil {
		return err
	}
	if err := errors.Join(os.Rename(b.Path, u.Copy), b.Close(), syncDir(filepath.Dir(u.Copy))); err != nil {
		return obstacle("keep the copy of the database from before the upgrade", err)
	}
	return nil
}

func mega(bytes int64) int64 { return (bytes + 999_999) / 1_000_000 }

// RemoveOldCopies removes the copies from before upgrades that are older than keep at now, and returns their paths: they hold personal data that nothing else
// would ever remove.
func (s *Store) RemoveOldCopies(now time.Time, keep time.Duration) (removed []string, err error) {
	for _, path := range copiesOf(s.path) {
		made, ok := copiedAt(path)
		if !ok || now.Sub(made) < keep {
			continue
		}
		if err := os.Remove(path); err != nil {
			return removed, obstacle("remove an old copy of the database", err)
		}
		removed = append(removed, path)
	}
	return removed, nil
}

// copiesOf lists the copies from before upgrades, the newest last.
func copiesOf(path string) []string {
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		return nil
	}
	var found []string
	for _, entry := range entries {
		if name := filepath.Join(filepath.Dir(path), entry.Name()); strings.HasPrefix(name, path+copyMark) {
			if _, ok := copiedAt(name); ok {
				found = append(found, name)
			}
		}
	}
	slices.SortFunc(found, func(a, b string) int {
		at, _ := copiedAt(a)
		bt, _ := copiedAt(b)
		return at.Compare(bt)
	})
	return found
}

// newestCopy names it, for a person who looks for one.
func newestCopy(path string) string {
	copies := copiesOf(path)
	if len(copies) == 0 {
		return ""
	}
	return ", which is " + copies[len(copies)-1]
}

func copiedAt(path string) (time.Time, bool) {
	name, ours := strings.CutSuffix(path, ".backup")
	at, err := time.Parse(copyTime, name[strings.LastIndex(name, "-")+1:])
	return at, ours && err == nil
}
