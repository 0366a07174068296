package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"seekpoller/internal/admin"
	"seekpoller/store"
)

func newBackup(g *global) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "backup FILE",
		Short: "Write a verified copy of the database to a new file",
		Long: `Write a copy of the database to a new file, while the daemon goes on: everything that was stored when it was begun, packed without free space. The copy is read as
a whole and checked before it gets its name, and only you may read it. It holds what the database holds, personal data too.

To restore one, stop the daemon, put the copy in the place of the database, remove the -wal and -shm files beside that, and start again: what came since is asked for
again, and handed on under the same keys. SEEK keeps events for 90 days.`,
		Example: "  seek-poller backup /var/backups/seek-poller-$(date +%F).db\n  seek-poller verify --database /var/backups/seek-poller-2026-11-21.db",
		Args:    oneArg("file"),
	}
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if _, err := os.Lstat(args[0]); err == nil {
			return failed(fmt.Errorf("%s exists already", args[0]), "name a new file: a backup replaces nothing")
		}
		if _, err := os.ReadDir(filepath.Dir(args[0])); err != nil {
			return failed(fmt.Errorf("look at the directory of the backup: %w", err), "name a new file in a directory that is there and that you may write to")
		}
		defer atWork(cmd, "backup")()
		if g.database != "" {
			return g.backupFile(cmd, args[0])
		}
		return g.asking(func(cmd *cobra.Command, args []string, c *admin.Client) error {
			return fetchBackup(cmd, c, args[0])
		})(cmd, args)
	}
	return cmd
}

// backupFile copies a database on which no daemon is asked.
func (g *global) backupFile(cmd *cobra.Command, to string) error {
	s, err := store.OpenReader(cmd.Context(), g.database)
	if err != nil {
		return failed(err, "")
	}
	defer s.Close()
	b, err := s.Backup(cmd.Context(), filepath.Dir(to))
	if err != nil {
		return failed(err, "")
	}
	return errors.Join(place(cmd, b.Path, to), b.Close())
}

// fetchBackup takes the daemon's copy and checks it once more: it came a long way.
func fetchBackup(cmd *cobra.Command, c *admin.Client, to string) (err error) {
	f, err := os.CreateTemp(filepath.Dir(to), "."+filepath.Base(to)+".*") // mode 0600
	if err != nil {
		return failed(err, "")
	}
	defer func() {
		if err != nil {
			_ = os.Remove(f.Name())
		}
	}()
	err = c.Get(cmd.Context(), "/api/v1/backup", nil, f)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := store.CheckCopy(cmd.Context(), f.Name()); err != nil {
		return failed(err, "")
	}
	return place(cmd, f.Name(), to)
}

// place gives a checked copy its name, and replaces nothing.
func place(cmd *cobra.Command, from, to string) error {
	if err := os.Link(from, to); err != nil {
		return failed(err, "")
	}
	if err := errors.Join(os.Remove(from), syncDir(filepath.Dir(to))); err != nil {
		return failed(err, "")
	}
	return tellBackup(cmd.Context(), cmd, to)
}

func syncDir(name string) error {
	dir, err := os.Open(name)
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}

func tellBackup(ctx context.Context, cmd *cobra.Command, path string) error {
	s, err := store.OpenReader(ctx, path)
	if err != nil {
		return failed(err, "")
	}
	defer s.Close()
	summary, err := s.Summary(ctx)
	if err != nil {
		return failed(err, "")
	}
	fmt.Fprintf(cmd.OutOrStdout(), "%s: %s, %d events stored so far; the copy was read as a whole and is sound\n", inert(path), size(summary.DatabaseBytes), summary.Events)
	return nil
}
