package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"strconv"

	"seekpoller/internal/config"
	"seekpoller/outbox"
)

func (c *connection) tryDestination(ctx context.Context, d config.Destination) finding {
	switch {
	case d.Directory != nil:
		if err := tryDirectory(d.Directory); err != nil {
			return failure(err, directoryRemedy(err, d.Directory.Path))
		}
		return ok("files can be written in %s", d.Directory.Path)
	case d.Exec != nil:
		// It is not run: it would take nothing for an event.
		if _, err := exec.LookPath(d.Exec.Command[0]); err != nil {
			return failure(fmt.Errorf("%s %s", d.Exec.Command[0], unrunnable(err)), "install the program, and let the daemon's user run it")
		}
		return ok("%s may be run", d.Exec.Command[0])
	}
	return c.tryWebhook(ctx, d.Webhook)
}

func unrunnable(err error) string {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "does not exist"
	case errors.Is(err, fs.ErrPermission):
		return "may not be run by this user"
	}
	return "cannot be run: " + err.Error()
}

// tryWebhook shakes hands with the receiver, and with the server that gives out its tokens.
func (c *connection) tryWebhook(ctx context.Context, w *config.Webhook) finding {
	client, err := outbox.NewHTTPClient(outbox.TransportConfig{CAFile: w.CAFile, Dial: c.world.dial})
	if err != nil {
		return failure(err, "correct ca_file of the destination")
	}
	t := client.Transport.(*http.Transport)
	p := probe{dial: t.DialContext, trust: t.TLSClientConfig}
	f := c.tryURL(ctx, p, "", w.URL, "webhook.")
	if f.State == wrong || w.Auth == nil || w.Auth.OAuth2 == nil {
		return f
	}
	tokens := c.tryURL(ctx, p, "its token server: ", w.Auth.OAuth2.TokenURL, "webhook.")
	if tokens.State != fine {
		return tokens
	}
	f.Says += "; " + tokens.Says
	return f
}

// tryHeartbeat goes through SEEK's proxy, as the heartbeat does. It does not call: that would put an alarm off.
func (c *connection) tryHeartbeat(ctx context.Context) finding {
	p := probe{dial: c.world.dial, proxy: c.proxy()}
	if c.cfg.Heartbeat.Loopback() {
		p.proxy = nil
	}
	return c.tryURL(ctx, p, "", c.cfg.Heartbeat.URL, "")
}

// tryURL shows no more of the URL than its host.
func (c *connection) tryURL(ctx context.Context, p probe, what, raw, section string) finding {
	u, err := url.Parse(raw)
	if err != nil {
		return failure(errors.New("the address is not a URL"), "correct it")
	}
	return reached(what, p.reach(ctx, u), section, c.world.now().Wall)
}

var errGroup = errors.New("the file cannot be given to its group")

// tryDirectory writes a hidden file, as the daemon would, and removes it.
func tryDirectory(d *config.Directory) error {
	f, err := os.CreateTemp(d.Path, ".seek-poller-check-*")
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		return fmt.Errorf("%s: %w", d.Path, e.Err) // the file's own name says nothing
	}
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	defer f.Close()
	if d.Group != "" {
		if err := f.Chown(-1, groupNumber(d.Group)); err != nil {
			return fmt.Errorf("%w %s: %w", errGroup, d.Group, err)
		}
	}
	if _, err := f.Write([]byte("x")); err != nil {
		return err
	}
	return f.Sync()
}

// groupNumber is of a group that the config has found on this machine.
func groupNumber(name string) int {
	if g, err := user.LookupGroup(name); err == nil {
		name = g.Gid
	}
	n, err := strconv.Atoi(name)
	if err != nil {
		return -1
	}
	return n
}

func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return "?"
	}
	return u.Host
}
