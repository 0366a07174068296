package config

import (
	"path/filepath"
	"strings"
	"time"
)

// check holds the rules that need more than one value, or the machine. Each
// check also puts its value into final form: paths resolved, secrets read.
func (l *loader) check() {
	c := l.cfg
	l.path("database", &c.Database, "write the path of the database file")
	l.checkSeek()
	l.checkStreams()
	l.checkDestinations()
	l.checkAdmin()
	l.checkRetention()
	l.oneOf("log.level", c.Log.Level, "debug", "info", "warn", "error")
	l.oneOf("log.format", c.Log.Format, "auto", "json", "console")
	if c.Heartbeat.URL != "" {
		l.url("heartbeat.url", c.Heartbeat.URL, false)
		l.notYet("heartbeat.url", "remove the key")
	}
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
