package graphql

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"syscall"
	"time"
)

// journey is a request under way: what its failure is told with.
type journey struct {
	host   string        // that it goes to
	within time.Duration // the time that it has; 0: any
	begun  bool          // its answer has begun
}

// depart is request as client is about to send it. Of two time-outs the shorter one counts.
func depart(client *http.Client, request *http.Request) journey {
	j := journey{host: plain(request.URL.Host), within: client.Timeout}
	if end, ok := request.Context().Deadline(); ok {
		left := max(time.Until(end).Round(10*time.Millisecond), 10*time.Millisecond)
		if j.within == 0 || left < j.within {
			j.within = left
		}
	}
	return j
}

// failure is err, for which there is no whole answer, in an operator's words. net/http's own
// hold the URL, and where a peer talks nonsense, the nonsense: neither is passed on. If ctx
// has ended, that is the cause.
func (j journey) failure(ctx context.Context, err error) error {
	if ours, ok := errors.AsType[malformed](err); ok {
		return ours
	}
	if outer, ok := errors.AsType[*url.Error](err); ok {
		err = outer.Err
	}
	if ctx.Err() != nil && !errors.Is(err, ctx.Err()) {
		err = errors.Join(ctx.Err(), err)
	}
	return said{j.words(err), err}
}

func (j journey) words(err error) string {
	who := j.host
	if op, ok := errors.AsType[*net.OpError](err); ok && op.Op == "proxyconnect" {
		who = "the proxy"
	}
	if errors.Is(err, context.Canceled) {
		return j.either("given up before there was an answer", "given up in the middle of the answer")
	}
	if lookup, ok := errors.AsType[*net.DNSError](err); ok {
		return lookupWords(lookup)
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return j.late()
	}
	if text := tlsWords(who, err); text != "" {
		return text
	}
	if text := j.connectionWords(who, err); text != "" {
		return text
	}
	return j.either("no answer from "+who, "the answer cannot be read") + ": " + inert(err)
}

// either is first, or second once the answer has begun.
func (j journey) either(first, second string) string {
	if j.begun {
		return second
	}
	return first
}

func (j journey) late() string {
	text := j.either("no answer", "connected, but no whole answer")
	if j.within > 0 {
		return fmt.Sprintf("%s within %v from %s", text, j.within, j.host)
	}
	return text + " in time from " + j.host
}

func lookupWords(e *net.DNSError) string {
	text := "the name " + plain(e.Name) + " cannot be resolved: "
	switch {
	case e.IsNotFound:
		return text + "DNS does not know it"
	case e.IsTimeout:
		return text + "DNS does not answer in time"
	}
	return text + "DNS fails"
}

// tlsWords says why there is no TLS with who, "" if that is not what err is about.
func tlsWords(who string, err error) string {
	if e, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return "the certificate of " + who + certificateWords(e.Err)
	}
	if errors.Is(err, http.ErrSchemeMismatch) {
		return who + " answers in plain HTTP where TLS is wanted: should its address begin with http:?"
	}
	if _, ok := errors.AsType[tls.RecordHeaderError](err); ok {
		return who + " does not speak TLS"
	}
	if op, ok := errors.AsType[*net.OpError](err); ok && op.Op == "remote error" {
		return who + " ends the TLS handshake: " + inert(op.Err)
	}
	if strings.HasPrefix(err.Error(), "tls: ") {
		return "no TLS with " + who + ": " + inert(err)
	}
	return ""
}

func certificateWords(err error) string {
	if _, ok := errors.AsType[x509.UnknownAuthorityError](err); ok {
		return " is not from an authority trusted here (a proxy that looks inside? ca_file can add its authority)"
	}
	if _, ok := errors.AsType[x509.HostnameError](err); ok {
		return " is for another name"
	}
	if e, ok := errors.AsType[x509.CertificateInvalidError](err); ok && e.Reason == x509.Expired {
		return " has expired or is not valid yet (or this machine's clock is wrong)"
	}
	return " is not valid"
}

// connectionWords says how the connection to who failed, "" if err is something else.
func (j journey) connectionWords(who string, err error) string {
	is := func(any ...error) bool {
		for _, one := range any {
			if errors.Is(err, one) {
				return true
			}
		}
		return false
	}
	switch {
	case is(syscall.ECONNREFUSED):
		return who + " refuses the connection: nothing listens there, or a firewall is in between"
	case is(syscall.EHOSTUNREACH, syscall.ENETUNREACH):
		return "no route to " + who
	case is(syscall.ETIMEDOUT):
		return who + " does not answer"
	case is(syscall.ECONNRESET, syscall.ECONNABORTED, syscall.EPIPE, io.EOF, io.ErrUnexpectedEOF):
		return who + " broke off the connection " + j.either("before it answered", "in the middle of its answer")
	}
	return ""
}

// inert is what err says for itself, up to where it may begin to quote the peer.
func inert(err error) string {
	text := err.Error()
	if i := strings.Index(text, "malformed "); i >= 0 {
		return "it is not proper HTTP"
	}
	if _, cause, ok := strings.Cut(text, "cannot retry err ["); ok { // we do not want it retried, see GetBody
		text, _, _ = strings.Cut(cause, "]")
	}
	text, _, _ = strings.Cut(text, `"`)
	for _, prefix := range []string{"net/http: ", "HTTP/1.x transport connection broken: ", "http: ", "http2: ", "tls: "} {
		text = strings.TrimPrefix(text, prefix)
	}
	return plain(strings.TrimRight(text, " :=["))
}
