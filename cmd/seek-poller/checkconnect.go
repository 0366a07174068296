package main

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"github.com/google/uuid"

	"seekpoller/graphql"
	"seekpoller/internal/config"
)

// trial is one thing that check --connect tries.
type trial struct {
	name   string
	try    func(context.Context) (string, error)
	remedy func(error) string // what to do about an error of try
}

func tryAll(ctx context.Context, out io.Writer, cfg *config.Config, world outside) error {
	bad := 0
	for _, t := range trials(cfg, world) {
		said, err := t.try(ctx)
		if err != nil {
			bad++
			fmt.Fprintf(out, "FAILED  %s: %s\n        %s\n", t.name, inert(err.Error()), t.remedy(err))
			continue
		}
		fmt.Fprintf(out, "ok      %s: %s\n", t.name, inert(said))
	}
	if bad > 0 {
		return &exitError{code: exitFailed, what: fmt.Errorf("%d of the things tried failed", bad), todo: "mend the first one first: later ones may follow from it"}
	}
	return nil
}

var errNoToken = errors.New("not tried without a token")

func trials(cfg *config.Config, world outside) []trial {
	var token string
	client, err := seekHTTP(cfg.Seek, world)
	list := []trial{{
		name:   "token from " + hostOf(cfg.Seek.TokenURL),
		remedy: func(err error) string { return seekRemedy(err, "token_url", tokenRefused) },
		try: func(ctx context.Context) (string, error) {
			if err != nil {
				return "", err
			}
			var got error
			token, got = graphql.NewTokens(client, userAgent(), credentials(cfg.Seek)).Token(ctx)
			return "granted", got
		},
	}, {
		name:   "{ version } from " + hostOf(cfg.Seek.Endpoint),
		remedy: func(err error) string { return seekRemedy(err, "endpoint", versionRefused) },
		try: func(ctx context.Context) (string, error) {
			if token == "" {
				return "", errNoToken
			}
			c := graphql.New(graphql.Config{Endpoint: cfg.Seek.Endpoint, HTTP: client, UserAgent: userAgent(), SessionID: uuid.NewString()})
			v, err := c.Version(ctx, token, uuid.NewString())
			return "version " + v, err
		},
	}}
	for _, d := range cfg.Destinations {
		list = append(list, destinationTrial(d))
	}
	return list
}

const (
	tokenRefused   = "the credentials are refused: are client_id, client_secret_file and audience those of SEEK's Developer Dashboard?"
	versionRefused = "the token is refused: audience and credentials belong together, and a Playground token is not good for live data"
)

// seekRemedy is what to do about an error of SEEK's, by who acts next.
func seekRemedy(err error, key, refused string) string {
	if errors.Is(err, errNoToken) {
		return "mend what keeps the token from being granted"
	}
	if todo := networkRemedy(err); todo != "" {
		return todo
	}
	switch graphql.KindOf(err) {
	case graphql.Unauthorized:
		return refused
	case graphql.Throttled:
		return "SEEK was asked too often: wait, and see whether anything else of yours asks"
	case graphql.Rejected:
		return "the question is not understood there: is " + key + " in the config SEEK's address?"
	}
	return "try again later; if it stays, look at " + key + " in the config and at SEEK's status page"
}

// networkRemedy is what to do where no answer came at all; "" if one did.
func networkRemedy(err error) string {
	switch {
	case is[*net.DNSError](err):
		return "correct the host name, or let this machine ask DNS (a machine behind a proxy needs seek.proxy)"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "is it running, and are host and port right? A firewall may refuse too"
	case errors.Is(err, http.ErrSchemeMismatch):
		return "write http:// for an address without TLS"
	case is[*tls.CertificateVerificationError](err), is[tls.RecordHeaderError](err), is[tls.AlertError](err):
		return "is that the right host? If its certificate is of your own authority, or a proxy looks inside, name that authority with ca_file"
	case timedOut(err), errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH):
		return "may this machine reach that host? Ask whoever runs the firewall; seek.proxy names a proxy"
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return "something on the way, or the other side, breaks connections off: a firewall, or TLS where there is none?"
	}
	return ""
}

func is[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}

func timedOut(err error) bool {
	e, ok := errors.AsType[net.Error](err)
	return ok && e.Timeout()
}

func destinationTrial(d config.Destination) trial {
	t := trial{name: "destination " + d.Name}
	switch {
	case d.Directory != nil:
		t.try = func(context.Context) (string, error) { return tryDirectory(d.Directory.Path) }
		t.remedy = func(err error) string { return directoryRemedy(err, d.Directory.Path) }
	case d.Exec != nil:
		t.try = func(context.Context) (string, error) { return tryProgram(d.Exec.Command[0]) }
		t.remedy = func(error) string { return "install the program, and let the daemon's user run it" }
	default:
		t.try = func(ctx context.Context) (string, error) { return tryAddress(ctx, d.Webhook.URL) }
		t.remedy = func(err error) string {
			return cmp.Or(networkRemedy(err), "is the receiver running, and may this machine reach it?")
		}
	}
	return t
}

// tryDirectory writes a hidden file, as the daemon would, and removes it.
func tryDirectory(path string) (string, error) {
	f, err := os.CreateTemp(path, ".seek-poller-check-*")
	if err != nil {
		return "", err
	}
	defer os.Remove(f.Name())
	return "files can be written in " + filepath.Clean(path), f.Close()
}

func directoryRemedy(err error, path string) string {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "make it: install -d -m 0750 -o USER " + path + " (USER: who runs the daemon)"
	case errors.Is(err, fs.ErrPermission):
		return "let the daemon's user write there; if this is another user, check as that one: sudo -u USER seek-poller check --connect"
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return "make room on its disk"
	case errors.Is(err, syscall.EROFS):
		return "mount its file system for writing"
	}
	return "make the directory, and let the daemon's user write there"
}

// tryProgram looks whether the program may be run. It is not run: it would take nothing for an event.
func tryProgram(path string) (string, error) {
	if _, err := exec.LookPath(path); err != nil {
		return "", err
	}
	return "may be run: " + path, nil
}

// tryAddress opens a connection and sends nothing: an empty POST might be taken for an event.
func tryAddress(ctx context.Context, address string) (string, error) {
	u, err := url.Parse(address)
	if err != nil {
		return "", errors.New("the address is not a URL")
	}
	port := cmp.Or(u.Port(), map[string]string{"http": "80", "https": "443"}[u.Scheme])
	dialer := net.Dialer{Timeout: 10 * time.Second}
	conn, err := dialer.DialContext(ctx, "tcp", net.JoinHostPort(u.Hostname(), port))
	if err != nil {
		return "", err
	}
	return "accepts connections at " + u.Host, conn.Close()
}

func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return "?"
	}
	return u.Host
}
