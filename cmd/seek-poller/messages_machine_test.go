package main

import (
	"context"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"seekpoller/internal/config"
	"seekpoller/store"
)

// fromMachine is what programs, directories and the network of this machine do with an event.
func fromMachine(t *testing.T) (all []spoken) {
	b := newMishap(t, nil)
	note := func(wrong, what string, d config.Destination) {
		d.Name = "ats"
		all = append(all, b.send(wrong, what, d))
	}
	shell := func(script string) config.Destination {
		return config.Destination{Exec: &config.Exec{Command: []string{"/bin/sh", "-c", script}, Timeout: config.Duration(time.Second)}}
	}
	for _, m := range [][2]string{
		{"a program fails", "exit 1"},
		{"a program fails and says why", "echo no disk >&2; exit 1"},
		{"a program says why where its data goes", "echo no disk; exit 2"},
		{"a program says that the data is wrong", "echo no such job >&2; exit 65"},
		{"a program asks for a later try", "exit 75"},
		{"a program moves terminals", `printf '\033[31m\a' >&2; exit 1`},
		{"a program is killed", "kill -9 $$"},
		{"a program does not end", "sleep 30"},
	} {
		note(m[0], "exec: /bin/sh -c '"+strings.ReplaceAll(strings.ReplaceAll(m[1], "\033", `\033`), "\a", `\a`)+"'", shell(m[1]))
	}
	program := func(path string) config.Destination {
		return config.Destination{Exec: &config.Exec{Command: []string{path}, Timeout: config.Duration(time.Second)}}
	}
	note("a program that there is not", "exec: DIR/none", program(filepath.Join(b.dir, "none")))
	note("a program that may not be run", "exec: DIR/secret", program(filepath.Join(b.dir, "secret")))
	note("a program that is a directory", "exec: DIR/spool", program(filepath.Join(b.dir, "spool")))
	directory := func(path string) config.Destination {
		return config.Destination{Directory: &config.Directory{Path: filepath.Join(b.dir, path), Mode: 0o640}}
	}
	note("a directory that there is not", "directory: DIR/none", directory("none"))
	note("a directory that is a file", "directory: DIR/secret", directory("secret"))
	b.link("ring", "ring")
	note("a directory that is a link to itself", "directory: DIR/ring", directory("ring"))
	b.network(note)
	return all
}

// network is what may happen on the way to a webhook.
func (b mishap) network(note func(wrong, what string, d config.Destination)) {
	quiet := log.New(io.Discard, "", 0)
	encrypted := httptest.NewUnstartedServer(http.NotFoundHandler())
	encrypted.Config.ErrorLog = quiet
	encrypted.StartTLS()
	b.t.Cleanup(encrypted.Close)
	open := httptest.NewServer(http.NotFoundHandler())
	b.t.Cleanup(open.Close)
	talker, err := net.Listen("tcp", "127.0.0.1:0")
	b.must(err)
	b.t.Cleanup(func() { talker.Close() })
	go func() {
		for c, err := talker.Accept(); err == nil; c, err = talker.Accept() {
			_, _ = io.WriteString(c, "220 mail.example.com ESMTP\r\n")
			c.Close()
		}
	}()
	hook := func(url string) config.Destination {
		return config.Destination{Webhook: &config.Webhook{URL: url, Format: "seek", Timeout: config.Duration(5 * time.Second), Concurrency: 1}}
	}
	note("nothing listens at the receiver's port", "webhook: http://127.0.0.1:1/", hook("http://127.0.0.1:1/"))
	note("the receiver's certificate is its own", "webhook: https://127.0.0.1", hook(encrypted.URL))
	note("the receiver is not encrypted", "webhook: https://127.0.0.1", hook(strings.Replace(open.URL, "http:", "https:", 1)))
	note("the receiver is encrypted", "webhook: http://127.0.0.1", hook(strings.Replace(encrypted.URL, "https:", "http:", 1)))
	note("the receiver speaks something else", "webhook: http://127.0.0.1", hook("http://"+talker.Addr().String()))
}

var ports = regexp.MustCompile(`127\.0\.0\.1:\d{2,}`)

// send makes one try at a destination.
func (b mishap) send(wrong, what string, d config.Destination) spoken {
	b.t.Helper()
	dest, err := sender(d, realOutside(), time.Now)
	b.must(err)
	ctx, cancel := context.WithTimeout(b.t.Context(), 5*time.Second)
	if d.Exec != nil {
		ctx, cancel = context.WithTimeout(b.t.Context(), time.Second)
	}
	defer cancel()
	reply := dest.Sender.Send(ctx, []store.Delivery{{Attempt: 1, Destination: "ats", Event: store.Event{ID: "e1", Type: "PositionProfilePosted", Scheme: "seekAnz", Node: []byte("{}")}}})
	said := "attempt: " + string(reply.Verdict) + ", status " + number(reply.Status) + ": " + dash(reply.Detail)
	return spoken{wrong, what, -1, ports.ReplaceAllString(b.plain(said), "127.0.0.1:PORT")}
}
