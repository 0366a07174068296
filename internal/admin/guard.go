package admin

import (
	"net"
	"net/http"
	"strings"
)

const (
	mostBody   = 64 << 10
	mostHeader = 16 << 10
)

// protect puts on the headers that every answer of ours has, errors too: nothing from elsewhere is loaded, nothing is guessed, kept or told on.
// https://owasp.org/www-project-secure-headers/
func protect(h http.Header) {
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cache-Control", "no-store")
}

// admits refuses what this way in does not offer.
func (d door) admits(w http.ResponseWriter, r *http.Request) error {
	if !d.local && !loopbackName(r.Host) {
		return &Error{Status: http.StatusMisdirectedRequest, What: "the Host header names another machine",
			Todo: "ask for 127.0.0.1 or localhost; a reverse proxy must set the Host header so"}
	}
	if d.deeds || r.Method == http.MethodGet || r.Method == http.MethodHead {
		return nil
	}
	w.Header().Set("Allow", "GET, HEAD")
	return &Error{Status: http.StatusMethodNotAllowed, What: "the port is for reading only", Todo: "deeds are done with the seek-poller command, by the admin socket"}
}

// loopbackName says whether a Host header names this machine's loopback. A page of another site that has its name point at 127.0.0.1 sends
// that name (DNS rebinding), and is refused.
func loopbackName(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}
