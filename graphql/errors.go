package graphql

import (
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// Kind sorts errors by who acts next.
type Kind string

const (
	Transient    Kind = "transient"    // nobody: the next turn asks again
	Throttled    Kind = "throttled"    // nobody: everyone waits
	Unauthorized Kind = "unauthorized" // the machine once, then the operator
	BadCursor    Kind = "bad_cursor"   // the operator; never given by this package, which does not know a cursor's past
	Rejected     Kind = "rejected"     // a developer, or whoever wrote the endpoint's address
)

// Error is why an exchange gave nothing. Its text holds no body, no token and no secret.
type Error struct {
	Kind       Kind
	Status     int           // of the HTTP answer; 0: there was none
	Code       string        // extensions.code, or the token endpoint's error; "": none. The list of codes is open.
	RetryAfter time.Duration // as the answer asks, at most 24 h; 0: it does not. Of Tokens: what is left of its back-off
	Node       bool          // one event spoilt the page: the error lies at or below events.edges[n]
	Err        error         // what happened; a context's error is found by errors.Is
}

// Error says what happened, in an operator's words, and leaves the kind to whoever shows it.
func (e *Error) Error() string { return e.Err.Error() }

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// Unauthenticated tells whether the token was refused. A new one may help, once;
// it cannot help where the token is good but may not do this (403, FORBIDDEN).
func (e *Error) Unauthenticated() bool {
	return e.Status == http.StatusUnauthorized || e.Code == "UNAUTHENTICATED"
}

// KindOf is the kind of the *Error in err; Transient for any other error, "" for nil.
func KindOf(err error) Kind {
	if err == nil {
		return ""
	}
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Kind
	}
	return Transient
}

// failure is what the caller of an exchange gets: cause, and what the exchange learned.
func (x *exchange) failure(cause error) *Error {
	e := Error{Status: x.status, RetryAfter: x.retryAfter, Err: cause}
	if known, ok := errors.AsType[*Error](cause); ok {
		e.Kind, e.Code, e.Node, e.Err = known.Kind, known.Code, known.Node, known.Err
	}
	if by := kindOfStatus(x.status); e.Kind == "" || by == Throttled || x.status == http.StatusUnauthorized {
		e.Kind = by
	}
	e.Err = withoutToken(e.Err, x.token)
	return &e
}

// kindOfStatus is what an HTTP status says by itself. 200 says that there was an answer,
// 0 that there was none: then whatever is wrong with it may pass.
func kindOfStatus(status int) Kind {
	switch status {
	case http.StatusUnauthorized, http.StatusForbidden:
		return Unauthorized
	case http.StatusTooManyRequests:
		return Throttled
	case http.StatusBadRequest, http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusGone,
		http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType, http.StatusUnprocessableEntity:
		return Rejected
	}
	if status >= 300 && status < 400 {
		return Rejected
	}
	return Transient
}

// kindOfCode is what an extensions.code says; "" if nothing that is known.
// https://developer.seek.com/graphql/error-responses; how SEEK says "too often" is not
// documented, hence the breadth.
func kindOfCode(code string) Kind {
	switch code {
	case "UNAUTHENTICATED", "FORBIDDEN":
		return Unauthorized
	case "BAD_USER_INPUT", "BAD_REQUEST", "GRAPHQL_VALIDATION_FAILED", "GRAPHQL_PARSE_FAILED", "OPERATION_RESOLUTION_FAILURE":
		return Rejected
	case "INTERNAL_SERVER_ERROR":
		return Transient
	}
	folded := strings.NewReplacer("_", "", "-", "", " ", "").Replace(strings.ToUpper(code))
	for _, word := range []string{"RATELIMIT", "THROTTL", "TOOMANYREQUESTS"} {
		if strings.Contains(folded, word) {
			return Throttled
		}
	}
	return ""
}

// withoutToken is err with the token cut out of its text, should anyone have echoed it.
func withoutToken(err error, token string) error {
	if token == "" || !strings.Contains(err.Error(), token) {
		return err
	}
	return said{strings.ReplaceAll(err.Error(), token, "[token]"), err}
}

// said is an error in other words.
type said struct {
	text string
	err  error
}

func (s said) Error() string { return s.text }
func (s said) Unwrap() error { return s.err }

// plain makes the words of others fit for a log: at most 300 characters, nothing that moves a terminal.
func plain(text string) string {
	var b strings.Builder
	n := 0
	for _, r := range text {
		shown := string(r)
		if r != ' ' && !unicode.IsPrint(r) {
			shown = strings.Trim(strconv.QuoteRuneToASCII(r), "'")
		}
		if n += len([]rune(shown)); n > 299 {
			return b.String() + "…"
		}
		b.WriteString(shown)
	}
	return b.String()
}
