package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// seekURLs are the addresses of SEEK that are asked, each host once.
func (c *connection) seekURLs() []*url.URL {
	var all []*url.URL
	for _, raw := range []string{c.cfg.Seek.TokenURL, c.cfg.Seek.Endpoint} {
		u, err := url.Parse(raw)
		if err == nil && !slices.ContainsFunc(all, func(o *url.URL) bool { return o.Host == u.Host && o.Scheme == u.Scheme }) {
			all = append(all, u)
		}
	}
	return all
}

// nameTrials look names up. Behind a proxy that is the proxy's task, and only its own name is looked up here.
func (c *connection) nameTrials() []trial {
	all := c.seekURLs()
	if proxy := c.proxy(); proxy != nil {
		all = []*url.URL{proxy}
	}
	var list []trial
	var names []string
	for _, u := range all {
		host := u.Hostname()
		if slices.Contains(names, host) {
			continue
		}
		names = append(names, host)
		list = append(list, trial{"DNS " + host, func(ctx context.Context) finding { return c.tryName(ctx, host) }})
	}
	return list
}

func (c *connection) tryName(ctx context.Context, host string) finding {
	if net.ParseIP(host) != nil {
		return ok("is an address, so there is nothing to look up")
	}
	ctx, cancel := context.WithTimeout(ctx, probing)
	defer cancel()
	found, err := c.lookup(ctx, host)
	if err != nil {
		return failure(nameless(err), networkRemedy(err, "seek."))
	}
	if len(found) > 2 {
		found = append(found[:2], fmt.Sprintf("%d more", len(found)-2))
	}
	return ok("%s", strings.Join(found, ", "))
}

// nameless is an error of DNS without the name, which stands before it, and the server, which says nothing.
func nameless(err error) error {
	e, ok := errors.AsType[*net.DNSError](err)
	switch {
	case !ok:
		return err
	case e.IsNotFound:
		return errors.New("DNS does not know the name")
	case e.IsTimeout:
		return errors.New("DNS does not answer in time")
	}
	return errors.New("DNS fails: " + e.Err)
}

func (c *connection) handshakeTrials() []trial {
	var list []trial
	for _, u := range c.seekURLs() {
		kind := "TLS "
		if u.Scheme == "http" {
			kind = "TCP "
		}
		list = append(list, trial{kind + u.Host, func(ctx context.Context) finding {
			if c.broken != nil {
				return failure(c.broken, "correct seek.ca_file and seek.proxy")
			}
			t := c.client.Transport.(*http.Transport)
			got := probe{dial: t.DialContext, trust: t.TLSClientConfig, proxy: c.proxy()}.reach(ctx, u)
			if is[*net.DNSError](got.err) {
				return finding{State: untried, Says: "not reached without an address"}
			}
			return reached("", got, "seek.", c.world.now().Wall)
		}})
	}
	return list
}

// proxy is that of SEEK; nil: none.
func (c *connection) proxy() *url.URL {
	if c.cfg.Seek.Proxy == "" {
		return nil
	}
	u, err := url.Parse(c.cfg.Seek.Proxy)
	if err != nil {
		return nil // the client says so
	}
	return u
}
