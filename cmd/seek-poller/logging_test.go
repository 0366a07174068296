package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
)

// TestJournalPriorities: lines begin with their priority if, and only if, the stream is the one that goes into the journal; what follows is the JSON
// that it would be elsewhere, also for a logger with fields of its own.
func TestJournalPriorities(t *testing.T) {
	for _, journal := range []bool{true, false} {
		f, err := os.Create(filepath.Join(t.TempDir(), "stderr"))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		info, err := f.Stat()
		if err != nil {
			t.Fatal(err)
		}
		sys, inode := info.Sys().(*syscall.Stat_t), uint64(1)
		if journal {
			inode = sys.Ino
		}
		t.Setenv("JOURNAL_STREAM", fmt.Sprintf("%d:%d", sys.Dev, inode))
		log := newLogger(f, zapcore.DebugLevel, "auto").With(zap.String("stream", "all"))
		for _, write := range []func(string, ...zap.Field){log.Debug, log.Info, log.Warn, log.Error, log.DPanic} {
			write("two\nlines")
		}
		got := prioritiesIn(t, f.Name())
		want := []int{7, 6, 4, 3, 2}
		if !journal {
			want = []int{0, 0, 0, 0, 0}
		}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("into the journal: %v: priorities %v, want %v", journal, got, want)
		}
	}
}

// prioritiesIn reads the priority of each line, 0 if it has none, and makes sure that the rest is the entry.
func prioritiesIn(t *testing.T, name string) (found []int) {
	t.Helper()
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		text, n := lines.Text(), 0
		if text[0] == '<' {
			if _, err := fmt.Sscanf(text, "<%d>", &n); err != nil {
				t.Fatal(err)
			}
			text = text[3:]
		}
		var entry struct{ Msg, Stream string }
		if err := json.Unmarshal([]byte(text), &entry); err != nil || entry.Msg != "two\nlines" || entry.Stream != "all" {
			t.Errorf("line %q: %v", lines.Text(), err)
		}
		found = append(found, n)
	}
	return found
}
