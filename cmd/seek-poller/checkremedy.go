package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"io/fs"
	"net"
	"net/http"
	"syscall"

	"seekpoller/graphql"
)

const (
	tokenRefused   = "the credentials are refused: are client_id, client_secret_file and audience those of SEEK's Developer Dashboard?"
	versionRefused = "the token is refused: audience and credentials belong together, and a Playground token is not good for live data"
)

// seekRemedy is what to do about an error of SEEK's, by who acts next.
func seekRemedy(err error, key, refused string) string {
	if todo := networkRemedy(err, "seek."); todo != "" {
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

// networkRemedy is what to do where no answer came at all; "" if one did. section is where in the config the peer's ca_file is; "": it has none.
func networkRemedy(err error, section string) string {
	switch {
	case is[*net.DNSError](err):
		return "correct the host name, or let this machine ask DNS (SEEK is asked through a proxy with seek.proxy)"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "is it running, and are host and port right? A firewall may refuse too"
	case errors.Is(err, http.ErrSchemeMismatch), is[tls.RecordHeaderError](err):
		return "is that the right port? Write http:// for an address without TLS"
	case is[*tls.CertificateVerificationError](err):
		return certificateRemedy(err, section)
	case is[tls.AlertError](err):
		return "is that the right host, and does it speak TLS 1.2 or newer?"
	case errors.Is(err, context.DeadlineExceeded), timedOut(err), errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH):
		return "may this machine reach that host? Ask whoever runs the firewall (SEEK is asked through a proxy with seek.proxy)"
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return "something on the way, or the other side, breaks connections off: a firewall, or TLS where there is none?"
	}
	return ""
}

func certificateRemedy(err error, section string) string {
	invalid, expired := errors.AsType[x509.CertificateInvalidError](err)
	switch {
	case expired && invalid.Reason == x509.Expired:
		return "let whoever runs it renew its certificate; if that is in date, set this machine's clock"
	case is[x509.HostnameError](err):
		return "write a host name that the certificate is for, or have one made for this name"
	case section == "":
		return "is that the right host? Add its authority to those of this machine (update-ca-certificates)"
	}
	return "is that the right host? If its certificate is of your own authority, or a proxy looks inside, name that authority with " + section + "ca_file"
}

func is[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}

func timedOut(err error) bool {
	e, ok := errors.AsType[net.Error](err)
	return ok && e.Timeout()
}

func directoryRemedy(err error, path string) string {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "make it: install -d -m 0750 -o USER " + path + " (USER: who runs the daemon)"
	case errors.Is(err, errGroup):
		return "let the daemon's user be in that group: usermod -a -G GROUP USER, and restart the daemon"
	case errors.Is(err, fs.ErrPermission):
		return "let the daemon's user write there; if this is another user, check as that one: sudo -u USER seek-poller check --connect"
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return "make room on its disk"
	case errors.Is(err, syscall.EROFS):
		return "mount its file system for writing"
	}
	return "make the directory, and let the daemon's user write there"
}
