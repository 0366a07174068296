package main

import (
	"bufio"
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"golang.org/x/net/proxy"
)

// probing is how long a name, a connection or a handshake is waited for.
const probing = 10 * time.Second

// renew is how long before its end a certificate ought to have been renewed.
const renew = 14 * 24 * time.Hour

// probe connects as a client would, and sends nothing: even an empty request might be taken for something.
type probe struct {
	dial  func(ctx context.Context, network, address string) (net.Conn, error) // nil: the machine's network
	trust *tls.Config
	proxy *url.URL // nil: none
}

// contact is what came of a probe.
type contact struct {
	host string
	leaf *x509.Certificate // nil without TLS
	err  error
}

// reach connects to a URL's host, shakes hands if it is https, and hangs up.
func (p probe) reach(ctx context.Context, u *url.URL) contact {
	ctx, cancel := context.WithTimeout(ctx, probing)
	defer cancel()
	conn, err := p.connect(ctx, u)
	if err != nil {
		return contact{u.Host, nil, err}
	}
	defer conn.Close()
	if u.Scheme == "http" {
		return contact{u.Host, nil, nil}
	}
	secured, err := p.secure(ctx, conn, u.Hostname())
	if err != nil {
		return contact{u.Host, nil, err}
	}
	return contact{u.Host, secured.ConnectionState().PeerCertificates[0], nil}
}

func (p probe) secure(ctx context.Context, conn net.Conn, host string) (*tls.Conn, error) {
	c := &tls.Config{}
	if p.trust != nil {
		c = p.trust.Clone()
	}
	c.ServerName, c.NextProtos = host, []string{"h2", "http/1.1"}
	secured := tls.Client(conn, c)
	return secured, secured.HandshakeContext(ctx)
}

// connect goes the way that net/http goes: by CONNECT or SOCKS where there is a proxy, which looks the name up.
func (p probe) connect(ctx context.Context, u *url.URL) (net.Conn, error) {
	if p.proxy == nil {
		return p.open(ctx, u)
	}
	if p.proxy.Scheme == "socks5" {
		d, err := proxy.SOCKS5("tcp", address(p.proxy), nil, dialer(p.dialing()))
		if err != nil {
			return nil, err
		}
		return d.(proxy.ContextDialer).DialContext(ctx, "tcp", address(u))
	}
	conn, err := p.open(ctx, p.proxy)
	if err == nil && p.proxy.Scheme == "https" {
		conn, err = p.secure(ctx, conn, p.proxy.Hostname())
	}
	if err == nil && u.Scheme == "https" {
		err = tunnel(ctx, conn, address(u))
	}
	if err != nil {
		return nil, fmt.Errorf("the proxy %s: %w", p.proxy.Host, err)
	}
	return conn, nil
}

func (p probe) open(ctx context.Context, u *url.URL) (net.Conn, error) {
	return p.dialing()(ctx, "tcp", address(u))
}

func (p probe) dialing() func(ctx context.Context, network, address string) (net.Conn, error) {
	if p.dial != nil {
		return p.dial
	}
	return new(net.Dialer).DialContext
}

// dialer is a function as golang.org/x/net/proxy wants it.
type dialer func(ctx context.Context, network, address string) (net.Conn, error)

func (d dialer) Dial(network, address string) (net.Conn, error) {
	return d(context.Background(), network, address)
}

func (d dialer) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	return d(ctx, network, address)
}

// tunnel asks a proxy to connect. What it says beside the status is not passed on.
func tunnel(ctx context.Context, conn net.Conn, address string) error {
	end, _ := ctx.Deadline()
	if err := conn.SetDeadline(end); err != nil {
		return err
	}
	if _, err := fmt.Fprintf(conn, "CONNECT %s HTTP/1.1\r\nHost: %s\r\n\r\n", address, address); err != nil {
		return err
	}
	answer, err := http.ReadResponse(bufio.NewReader(conn), &http.Request{Method: http.MethodConnect})
	if err != nil {
		return errors.New("does not answer as an HTTP proxy does")
	}
	answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("does not connect: HTTP %d", answer.StatusCode)
	}
	return conn.SetDeadline(time.Time{})
}

func address(u *url.URL) string {
	port := map[string]string{"http": "80", "https": "443", "socks5": "1080"}[u.Scheme]
	return net.JoinHostPort(u.Hostname(), cmp.Or(u.Port(), port))
}

// reached is the finding of a contact. section is where in the config its ca_file is.
func reached(what string, c contact, section string, now time.Time) finding {
	if c.err != nil {
		return failure(fmt.Errorf("%s%w", what, nameless(certified(c.err))), cmp.Or(networkRemedy(c.err, section), "is it running, and may this machine reach it?"))
	}
	if c.leaf == nil {
		return ok("%s%s takes connections", what, c.host)
	}
	left := c.leaf.NotAfter.Sub(now)
	f := ok("%scertificate of %s, by %s, %s left", what, namesIn(c.leaf), issuerOf(c.leaf), counted(int(left.Hours()/24), "day"))
	if left < renew {
		f.State, f.Todo = doubtful, "let whoever runs it renew its certificate, and see why that has not happened by itself"
	}
	return f
}

// certified says of a certificate that is refused why, and whose it is.
func certified(err error) error {
	e, ok := errors.AsType[*tls.CertificateVerificationError](err)
	if !ok || len(e.UnverifiedCertificates) == 0 {
		return err
	}
	leaf, why := e.UnverifiedCertificates[0], e.Err.Error()
	switch invalid, _ := errors.AsType[x509.CertificateInvalidError](err); {
	case is[x509.UnknownAuthorityError](err):
		why = "by no authority that is trusted here"
	case is[x509.HostnameError](err):
		why = "for another name"
	case invalid.Reason == x509.Expired:
		why = "out of date"
	}
	return fmt.Errorf("the certificate is %s: of %s, by %s, good to %s", why, namesIn(leaf), issuerOf(leaf), leaf.NotAfter.UTC().Format(time.DateOnly))
}

func namesIn(c *x509.Certificate) string {
	names := slices.Clone(c.DNSNames)
	for _, ip := range c.IPAddresses {
		names = append(names, ip.String())
	}
	if len(names) > 3 {
		names = append(names[:3:3], fmt.Sprintf("%d more", len(names)-3))
	}
	return cmp.Or(strings.Join(names, ", "), "no host")
}

func issuerOf(c *x509.Certificate) string {
	return cmp.Or(strings.Join(c.Issuer.Organization, ", "), c.Issuer.CommonName, "nobody")
}
