package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// answers is a server that answers every request alike.
func answers(status int, body string, header ...string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i+1 < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(status)
		fmt.Fprint(w, body)
	})
}

// TestCheckConnectSEEK: each way in which SEEK cannot be asked, with its remedy.
func TestCheckConnectSEEK(t *testing.T) {
	refusing := func(status int, body string) func(*bench) {
		return func(b *bench) { b.with(b.seekAt()+"/oauth", "http://"+listen(t, answers(status, body))+"/oauth") }
	}
	for name, c := range map[string]struct {
		set  func(*bench)
		what string
		want string
	}{
		"credentials": {refusing(401, `{"error": "access_denied"}`), "token", "FAIL token HTTP 401: access_denied\n " + tokenRefused},
		"too often":   {refusing(429, ""), "token", "FAIL token HTTP 429\n SEEK was asked too often: wait, and see whether anything else of yours asks"},
		"not SEEK":    {refusing(404, ""), "token", "FAIL token HTTP 404\n the question is not understood there: is token_url in the config SEEK's address?"},
		"broken":      {refusing(502, ""), "token", "FAIL token HTTP 502\n try again later; if it stays, look at token_url in the config and at SEEK's status page"},
		"no token":    {refusing(502, ""), "{ version }", "skip { version } not asked without a token"},
		"token refused": {func(b *bench) { b.with(b.seekAt()+"/graphql", "http://"+listen(t, answers(401, ""))+"/graphql") }, "{ version }",
			"FAIL { version } HTTP 401\n " + versionRefused},
		"nobody there": {func(b *bench) { b.with(b.seekAt()+"/graphql", "http://"+nobody(t)+"/graphql") }, "TCP HERE:1",
			"FAIL TCP HERE:1 dial tcp HERE:1: connect: connection refused\n is it running, and are host and port right? A firewall may refuse too"},
		"another authority": {func(b *bench) { b.with(", ca_file: ca.pem", "") }, "TLS SEEK:1",
			"FAIL TLS SEEK:1 the certificate is by no authority that is trusted here: of 127.0.0.1, by Bench, good to DAY\n " +
				"is that the right host? If its certificate is of your own authority, or a proxy looks inside, name that authority with seek.ca_file"},
		"another name": {func(b *bench) {
			b.with(b.seekAt()+"/graphql", strings.Replace(b.seekAt(), "127.0.0.1", "localhost", 1)+"/graphql")
		}, "TLS localhost:1",
			"FAIL TLS localhost:1 the certificate is for another name: of 127.0.0.1, by Bench, good to DAY\n " +
				"write a host name that the certificate is for, or have one made for this name"},
		"expired": {func(b *bench) { b.with(b.seekAt()+"/graphql", b.secure(b.seek, "ca.pem", -48*time.Hour)+"/graphql") }, "TLS HERE:1",
			"FAIL TLS HERE:1 the certificate is out of date: of 127.0.0.1, by Bench, good to DAY\n " +
				"let whoever runs it renew its certificate; if that is in date, set this machine's clock"},
		"expires soon": {func(b *bench) { b.with(b.seekAt(), b.secure(b.seek, "ca.pem", 13*24*time.Hour)) }, "TLS HERE:1",
			"warn TLS HERE:1 certificate of 127.0.0.1, by Bench, 13 days left\n let whoever runs it renew its certificate, and see why that has not happened by itself"},
		"no TLS": {func(b *bench) { b.with(b.seekAt()+"/graphql", "https://"+listen(t, b.seek)+"/graphql") }, "TLS HERE:1",
			"FAIL TLS HERE:1 tls: first record does not look like a TLS handshake\n is that the right port? Write http:// for an address without TLS"},
		"breaks off": {func(b *bench) { b.with(b.seekAt()+"/graphql", "https://"+talker(t, "")+"/graphql") }, "TLS HERE:1",
			"FAIL TLS HERE:1 EOF\n something on the way, or the other side, breaks connections off: a firewall, or TLS where there is none?"},
		"no date":     {func(b *bench) { b.with(b.seekAt()+"/oauth", "http://"+nobody(t)+"/oauth") }, "clock", "skip clock SEEK gave no answer to compare it with"},
		"clock ahead": {dated(t, -time.Minute), "clock", "warn clock MUCH ahead of SEEK's\n let the network set it: timedatectl set-ntp true, or chrony"},
		"clock behind": {dated(t, time.Hour), "clock",
			"FAIL clock MUCH behind SEEK's\n let the network set it: timedatectl set-ntp true, or chrony; signatures and certificates are refused by a clock so wrong"},
		"clock right": {dated(t, 3*time.Second), "clock", "ok clock agrees with SEEK's"},
		"proxy refuses": {func(b *bench) {
			b.with("ca_file: ca.pem", "ca_file: ca.pem, proxy: http://"+listen(t, answers(403, canary)))
		}, "TLS SEEK:1",
			"FAIL TLS SEEK:1 the proxy HERE:1: does not connect: HTTP 403\n is it running, and may this machine reach it?"},
		"no proxy": {func(b *bench) {
			b.with("ca_file: ca.pem", "ca_file: ca.pem, proxy: http://"+talker(t, canary+"\r\n\r\n"))
		}, "TLS SEEK:1",
			"FAIL TLS SEEK:1 the proxy HERE:1: does not answer as an HTTP proxy does\n is it running, and may this machine reach it?"},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			c.set(b)
			text, err := b.lines(t.Context(), b.seekOnly())
			if got := line(t, text, c.what); got != c.want {
				t.Errorf("got\n%s\nwant\n%s", got, c.want)
			}
			if failed := strings.Contains("\n"+text, "\nFAIL"); failed != (err != nil) {
				t.Errorf("ended with %v:\n%s", err, text)
			}
		})
	}
}

// seekOnly is a connection without anything after SEEK. A proxy asks for SEEK's own limits and names, against which a test may not go.
func (b *bench) seekOnly() *connection {
	b.t.Helper()
	before, proxy, proxied := strings.Cut(b.text, ", proxy: ")
	if !proxied {
		return b.connection()
	}
	proxy, after, _ := strings.Cut(proxy, "}")
	b.text = before + "}" + after
	c := b.connection()
	c.cfg.Seek.Proxy = proxy
	return newConnection(c.file, c.cfg, c.world)
}

// dated is a SEEK whose clock is elsewhere.
func dated(t *testing.T, off time.Duration) func(*bench) {
	return func(b *bench) {
		h := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Date", time.Now().Add(off).UTC().Format(http.TimeFormat))
			w.WriteHeader(http.StatusBadGateway)
		})
		b.with(b.seekAt()+"/oauth", "http://"+listen(t, h)+"/oauth")
	}
}

// nobody is an address where nobody listens.
func nobody(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// talker reads a little, says a text to whoever connects, and hangs up.
func talker(t *testing.T, says string) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			_, _ = conn.Read(make([]byte, 64<<10))
			_, _ = io.WriteString(conn, says)
			conn.Close()
		}
	}()
	return l.Addr().String()
}

// TestCheckConnectSilence: a peer that takes connections and says nothing is not waited for longer than it may take.
func TestCheckConnectSilence(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	b := newBench(t)
	b.with(b.seekAt()+"/graphql", "https://"+l.Addr().String()+"/graphql")
	c := b.connection()
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	got := c.handshakeTrials()[1].try(ctx)
	if got.State != wrong || !strings.Contains(got.Todo, "firewall") {
		t.Errorf("got %+v", got)
	}
}
