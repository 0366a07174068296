package config

import (
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
)

// check holds the rules that need more than one value, or the machine. Each
// check also puts its value into final form: paths resolved, secrets read.
func (l *loader) check() {
	c := l.cfg
	l.path("database", &c.Database, databaseRemedy)
	l.checkSeek()
	l.checkStreams()
	l.checkDestinations()
	l.checkAdmin()
	l.checkRetention()
	l.oneOf("log.level", c.Log.Level, "debug", "info", "warn", "error")
	l.oneOf("log.format", c.Log.Format, "auto", "json", "console")
	if c.Heartbeat.URL != "" {
		l.url("heartbeat.url", c.Heartbeat.URL, false)
	}
	l.checkDatabase()
}

const databaseRemedy = "write the path of the database file"

// checkDatabase refuses a path that cannot become a database, or that is a file of another use.
func (l *loader) checkDatabase() {
	if l.bad["database"] {
		return
	}
	file := l.cfg.Database
	info, err := os.Stat(file)
	switch {
	case errors.Is(err, syscall.ENOTDIR):
		l.problem("database", "is below a file, as if that were a directory; "+databaseRemedy)
	case err == nil && info.IsDir():
		l.problem("database", "is a directory; add the name of a file in it, such as /seek-poller.db")
	case same(file, l.file):
		l.problem("database", "is the config file itself; write the path of another file")
	}
	for _, key := range slices.Sorted(maps.Keys(l.secrets)) {
		if same(file, l.secrets[key]) {
			l.problem("database", "is the file that %s names; write the path of another file", key)
		}
	}
}

// same says whether two paths are one existing file.
func same(a, b string) bool {
	one, err := os.Stat(a)
	other, err2 := os.Stat(b)
	return err == nil && err2 == nil && os.SameFile(one, other)
}

// required says whether a value is there, and complains if not.
func (l *loader) required(path, value, remedy string) bool {
	switch {
	case value != "":
		return true
	case l.set(path):
		l.problem(path, "is empty; %s", remedy)
	default:
		l.problem(path, "is missing; %s", remedy)
	}
	return false
}

func (l *loader) oneOf(path, value string, allowed ...string) {
	for _, a := range allowed {
		if value == a {
			return
		}
	}
	list := strings.Join(allowed[:len(allowed)-1], ", ") + " or " + allowed[len(allowed)-1]
	l.problem(path, "is %s; write %s", quote(value), list)
}

// timeout of one exchange: five minutes is already longer than anyone waits.
func (l *loader) timeout(path string, d Duration) {
	const most = Duration(5 * time.Minute)
	if d <= 0 || d > most {
		l.problem(path, "is %s; write a time-out above 0 and at most %s, such as 30s", d, most)
	}
}

func (l *loader) count(path string, n, most int) {
	if n < 1 || n > most {
		l.problem(path, "is %d; write a number from 1 to %d", n, most)
	}
}

// path resolves a file name against the directory of the config file.
func (l *loader) path(path string, name *string, remedy string) {
	switch {
	case !l.required(path, *name, remedy):
	case l.looks[path] != "":
		l.problem(path, "is %s; %s, in quotes if that is its name", l.looks[path], remedy)
	case strings.HasPrefix(*name, "~"):
		l.problem(path, "begins with ~, which only a shell understands; write the whole path")
	case strings.ContainsRune(*name, 0):
		l.problem(path, "has a zero byte in it; write a path")
	default:
		*name = l.resolve(*name)
	}
}

func (l *loader) resolve(name string) string {
	if filepath.IsAbs(name) {
		return filepath.Clean(name)
	}
	return filepath.Join(l.dir, name)
}
