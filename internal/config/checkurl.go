package config

import (
	"net/netip"
	"net/url"
	"strconv"
)

// url checks an address that we call. plain says whether http without TLS may go
// to another machine. URLs are never repeated in a message: some hold secrets.
func (l *loader) url(path, raw string, plain bool) *url.URL {
	u := l.address(path, raw, "https://host/path")
	switch {
	case u == nil:
		return nil
	case u.Scheme != "http" && u.Scheme != "https":
		l.problem(path, "does not begin with https:// or http://; write a URL such as https://host/path")
		return nil
	case u.Scheme == "http" && !plain && !loopbackHost(u.Hostname()):
		l.problem(path, "is plain http to another machine, which anyone on the way can read; write https://")
		return nil
	}
	return u
}

func (l *loader) proxy(path, raw string) {
	u := l.address(path, raw, "http://proxy:3128")
	if u == nil {
		return
	}
	switch u.Scheme {
	case "http", "https", "socks5":
	default:
		l.problem(path, "is not an http, https or socks5 URL; write one such as http://proxy:3128")
	}
}

// address checks what all URLs have in common.
func (l *loader) address(path, raw, example string) *url.URL {
	if !l.required(path, raw, "write a URL such as "+example) {
		return nil
	}
	u, err := url.Parse(raw)
	switch {
	case err != nil || u.Scheme == "" || u.Hostname() == "":
		l.problem(path, "is not a URL; write one such as %s", example)
	case u.User != nil:
		l.problem(path, "has a user name or password in it; take it out, since passwords are read from files only")
	case u.Fragment != "":
		l.problem(path, "has a part after #, which is never sent; take it out")
	case !goodPort(u.Port()):
		l.problem(path, "has a port that does not exist; write one from 1 to 65535, or none")
	default:
		return u
	}
	return nil
}

func goodPort(port string) bool {
	n, err := strconv.ParseUint(port, 10, 16)
	return port == "" || err == nil && n > 0
}

// reachable refuses addresses that no receiver has: link-local ones, where cloud
// machines keep their credentials, and those that name nobody.
func (l *loader) reachable(path string, u *url.URL) {
	a, err := netip.ParseAddr(u.Hostname())
	if err != nil {
		return
	}
	if a = a.Unmap(); a.IsLinkLocalUnicast() || a.IsMulticast() || a.IsUnspecified() {
		l.problem(path, "is a link-local, multicast or unspecified address; write the receiver's own address or host name")
	}
}
