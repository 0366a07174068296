package admin

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"strings"
	"syscall"
)

// Client asks a Server, by the socket of a running daemon or inside the process.
type Client struct{ http *http.Client }

// NoDaemonError says that nobody answers at the socket, or that this user may not ask.
type NoDaemonError struct {
	Socket string
	Denied bool
	Err    error
}

func (e *NoDaemonError) Error() string {
	if e.Denied {
		return fmt.Sprintf("the admin socket %s is not for this user", e.Socket)
	}
	return fmt.Sprintf("no daemon answers at %s", e.Socket)
}

func (e *NoDaemonError) Unwrap() error { return e.Err }

// Dial makes a client of the daemon at a socket. It connects at the first question.
func Dial(socket string) *Client {
	return &Client{&http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		c, err := (&net.Dialer{}).DialContext(ctx, "unix", socket)
		if err != nil {
			return nil, &NoDaemonError{Socket: socket, Denied: errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EACCES), Err: err}
		}
		return c, nil
	}}}}
}

// Within makes a client of a handler in this process.
func Within(h http.Handler) *Client { return &Client{&http.Client{Transport: inProcess{h}}} }

// Get asks GET path with a query and decodes the answer into out, or copies it there if out is an io.Writer. It returns an *Error that the
// server answered with, or *NoDaemonError.
func (c *Client) Get(ctx context.Context, path string, query url.Values, out any) error {
	return c.ask(ctx, http.MethodGet, path+"?"+query.Encode(), nil, out)
}

// Do orders a deed: verb is as people write it, "events replay".
func (c *Client) Do(ctx context.Context, verb string, o Order, args any) (Outcome, error) {
	var done Outcome
	body, err := json.Marshal(request[any]{Order: o, Args: args})
	if err == nil {
		err = c.ask(ctx, http.MethodPost, "/api/v1/deeds/"+strings.ReplaceAll(verb, " ", "-"), body, &done)
	}
	return done, err
}

func (c *Client) ask(ctx context.Context, method, path string, body []byte, out any) error {
	r, err := http.NewRequestWithContext(ctx, method, "http://daemon"+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	r.Header.Set("Accept", "application/json")
	answer, err := c.http.Do(r)
	if err != nil {
		var none *NoDaemonError
		if errors.As(err, &none) {
			return none
		}
		return fmt.Errorf("ask the daemon: %w", errors.Unwrap(err))
	}
	defer answer.Body.Close()
	if answer.StatusCode >= 300 {
		return refused(answer)
	}
	if w, ok := out.(io.Writer); ok {
		_, err := io.Copy(w, answer.Body)
		return err
	}
	if err := json.NewDecoder(answer.Body).Decode(out); err != nil {
		return fmt.Errorf("read the daemon's answer: %w", err)
	}
	return nil
}

func refused(answer *http.Response) error {
	var said struct{ Error *Error }
	if err := json.NewDecoder(io.LimitReader(answer.Body, 1<<20)).Decode(&said); err != nil || said.Error == nil {
		return fmt.Errorf("the daemon answered %s, in a form that this version does not know: is it of another version?", answer.Status)
	}
	return said.Error
}

// inProcess hands requests to a handler without a network.
type inProcess struct{ h http.Handler }

// RoundTrip implements http.RoundTripper. The answer is complete when it returns.
func (t inProcess) RoundTrip(r *http.Request) (answer *http.Response, err error) {
	defer func() {
		if cause := recover(); cause == http.ErrAbortHandler {
			answer, err = nil, io.ErrUnexpectedEOF
		} else if cause != nil {
			panic(cause)
		}
	}()
	if r.Body == nil {
		r.Body = http.NoBody
	}
	rec := &recorder{header: http.Header{}, status: http.StatusOK}
	t.h.ServeHTTP(rec, r)
	return &http.Response{
		Status: fmt.Sprintf("%d %s", rec.status, http.StatusText(rec.status)), StatusCode: rec.status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: rec.header, Body: io.NopCloser(&rec.body), ContentLength: int64(rec.body.Len()), Request: r,
	}, nil
}

type recorder struct {
	header http.Header
	status int
	begun  bool
	body   bytes.Buffer
}

func (r *recorder) Header() http.Header { return r.header }

func (r *recorder) WriteHeader(status int) {
	if !r.begun {
		r.status, r.begun = status, true
	}
}

func (r *recorder) Write(p []byte) (int, error) {
	r.begun = true
	return r.body.Write(p)
}
