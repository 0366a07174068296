package outbox

import (
	"fmt"
	"io"
	"net/http"
)

// Auth is how we show a receiver who we are, beside the signature. At most one of the two is set.
type Auth struct {
	Basic  *Basic
	OAuth2 *OAuth2
}

// Format keeps the secrets out of whatever prints a.
func (a Auth) Format(f fmt.State, _ rune) { io.WriteString(f, "[hidden]") }

// Basic is a user name and password (RFC 7617). It goes before what the URL may carry.
type Basic struct{ Username, Password string }

// OAuth2 is the client credentials grant (RFC 6749, section 4.4), with the client's id and secret in the form (section 2.3.1).
type OAuth2 struct {
	TokenURL     string
	ClientID     string
	ClientSecret string
	Scope        string       // "": not sent
	Audience     string       // not of the RFC, but asked for by many servers; "": not sent
	HTTP         *http.Client // nil: the webhook's own, with its certificate authorities
}
