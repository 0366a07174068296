package config

import (
	"fmt"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"time"
)

// Load reads and checks the file at path. env is the environment as os.Environ
// gives it: SEEK_POLLER_ variables override scalars, CREDENTIALS_DIRECTORY is
// where systemd puts secrets. The error is nil or Problems, and then there is no
// Config: nothing may start on half a configuration.
func Load(path string, env []string) (*Config, error) {
	l := newLoader(path, env)
	root := l.read()
	if root == nil {
		return nil, l.problems
	}
	v := reflect.ValueOf(l.cfg).Elem()
	presetAll(v)
	l.mapping("", root, v)
	l.environment(env)
	l.check()
	if len(l.problems) > 0 {
		return nil, l.problems.inOrder()
	}
	l.cfg.file, l.cfg.origins, l.cfg.secrets = l.file, l.origins, l.secrets
	return l.cfg, nil
}

// DefaultSocket is where the daemon is reached if nothing else is said.
const DefaultSocket = "/run/seek-poller/admin.sock"

// Socket reads one key of the file at path, admin.socket, or the variable that overrides it. Whoever only asks the daemon needs no
// right to the secrets that the file names, and no other mistake in the file keeps anybody from asking. The error is nil or Problems.
func Socket(path string, env []string) (string, error) {
	l := newLoader(path, env)
	root := l.read()
	if root == nil {
		return "", l.problems
	}
	v := reflect.ValueOf(l.cfg).Elem()
	presetAll(v)
	l.mapping("", root, v)
	l.environment(env)
	l.checkSocket()
	l.problems = slices.DeleteFunc(l.problems, func(p Problem) bool { return !p.aboutSocket() })
	if len(l.problems) > 0 {
		return "", l.problems.inOrder()
	}
	return l.cfg.Admin.Socket, nil
}

// aboutSocket takes a misspelt or misplaced key too: the default in its place would be another daemon.
func (p Problem) aboutSocket() bool {
	section, name := split(strings.ToLower(strings.ReplaceAll(strings.TrimPrefix(p.Key, prefix), "_", ".")))
	return nearest(name, []string{"socket"}) != "" || section == "" && nearest(name, []string{"admin"}) != ""
}

// loader is one run of Load. It remembers where each key came from, so that a
// rule broken by the decoded value can still name its line.
type loader struct {
	file        string // as the user gave it
	dir         string // where relative paths start
	credentials string // $CREDENTIALS_DIRECTORY, or ""
	now         time.Time
	origins     map[string]origin // by key path; absent: not set
	looks       map[string]string // what text was written as, where it is not text: a number
	secrets     map[string]string // the files that hold secrets, by key path
	bad         map[string]bool   // key paths already complained about
	unread      map[string]bool   // sections and lists of the wrong form: nothing below them is known
	problems    Problems
	cfg         *Config
}

// origin is where a key was set: a line of the file, or a variable.
type origin struct {
	line     int
	variable string
}

func newLoader(path string, env []string) *loader {
	dir := filepath.Dir(path)
	if abs, err := filepath.Abs(dir); err == nil {
		dir = abs
	}
	return &loader{
		file: path, dir: dir, credentials: lookup(env, "CREDENTIALS_DIRECTORY"), now: time.Now(),
		origins: map[string]origin{}, looks: map[string]string{}, secrets: map[string]string{}, bad: map[string]bool{}, unread: map[string]bool{}, cfg: &Config{},
	}
}

// problem adds a complaint about the key at path. The first about a key wins:
// later ones, and those about what is below it, mostly follow from it.
func (l *loader) problem(path, format string, args ...any) {
	for up := path; up != ""; up = above(up) {
		if l.unread[up] {
			return
		}
	}
	if !l.bad[path] {
		l.bad[path] = true
		l.problems = append(l.problems, l.about(path, format, args...))
	}
}

// misshapen is a complaint about a section or list that is something else.
func (l *loader) misshapen(path, format string, args ...any) {
	l.problem(path, format, args...)
	l.unread[path] = true
}

func (l *loader) warn(path, format string, args ...any) {
	l.cfg.warnings = append(l.cfg.warnings, l.about(path, format, args...).String())
}

func (l *loader) about(path, format string, args ...any) Problem {
	p := Problem{File: l.file, Key: path, Message: fmt.Sprintf(format, args...)}
	o := l.origin(path)
	if o.variable != "" {
		p.File, p.Key = "environment", o.variable
	}
	p.Line = o.line
	return p
}

// origin of a key that was not set is that of the nearest key around it.
func (l *loader) origin(path string) origin {
	for {
		if o, ok := l.origins[path]; ok || path == "" {
			return o
		}
		path = above(path)
	}
}

// above is the path of the section or list that a key is in.
func above(path string) string { return path[:max(0, strings.LastIndexAny(path, ".["))] }

// set says whether the key was given, even if empty.
func (l *loader) set(path string) bool {
	_, ok := l.origins[path]
	return ok
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

func item(path string, i int) string { return fmt.Sprintf("%s[%d]", path, i) }
