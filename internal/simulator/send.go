package simulator

import (
	"bytes"
	"compress/gzip"
	"context"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// reply is what would be sent if nothing went wrong.
type reply struct {
	status int
	body   []byte
	page   bool // a correct answer, not a complaint; a fault may still spoil it
	now    func() time.Time
	last   func() // called before the last byte is written; nil: nobody wants to know
}

// sent is how an answer went out.
type sent struct {
	status       int
	first, ended time.Time
	retryAfter   string
	whole        bool // it went out down to its last byte
	complete     bool // and it was a correct page
}

// spoils says that a fault replaces or destroys the answer of the token endpoint too.
func (f Fault) spoils() bool {
	return f.Name != "" && !slices.Contains([]string{faultLate, faultSlow, faultDropAfter, faultCut, faultTruncated}, f.Name)
}

// early is the delay before the answer is made.
func (f Fault) early() time.Duration {
	if f.Name == faultSlow {
		return 0
	}
	return f.Delay
}

// document is the answer to a GraphQL request with the fault's error in it.
func (f Fault) document(c *call, data any, errs []gqlError, edges int) []byte {
	alias := rootFields(c.op.SelectionSet)[0].Alias
	message := "simulated: " + f.Name
	switch f.Name {
	case faultPartial:
		return document(data, true, append(errs, newError(f.Code, message)))
	case faultNullNode:
		return document(nil, true, append(errs, newError(f.Code, message, alias, "edges", edges/2, "node")))
	}
	return document(nil, true, []gqlError{newError(f.Code, message, alias)})
}

// pause waits; it is not true if the client gave up.
func pause(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return ctx.Err() == nil
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// send writes the reply as the fault will have it.
func send(w http.ResponseWriter, r *http.Request, f Fault, rep reply) sent {
	if rep.now == nil {
		rep.now = time.Now
	}
	if f.RetryAfter != "" {
		w.Header().Set("Retry-After", f.RetryAfter)
	}
	o := &outlet{w: w, r: r, now: rep.now, last: rep.last, out: sent{retryAfter: f.RetryAfter}}
	switch f.Name {
	case faultReset, faultDropAfter:
		drop(w)
	case faultHang:
		<-r.Context().Done()
		return sent{ended: rep.now()}
	case faultCut:
		o.open(rep.status, len(rep.body))
		o.put(rep.body[:len(rep.body)/2])
		drop(w)
	case faultSlow:
		return o.trickle(rep, f.Delay)
	case faultRedirect:
		w.Header().Set("Location", f.Location)
		out := o.write(f.Status, nil)
		out.complete = false
		return out
	case faultOversized:
		return o.flood()
	}
	status, body, intact := f.spoil(rep)
	out := o.write(status, body)
	out.complete = out.complete && intact && rep.page
	return out
}

// spoil makes the body of the faults that are nothing but a body.
func (f Fault) spoil(rep reply) (status int, body []byte, intact bool) {
	switch f.Name {
	case "", faultLate, faultStuck, faultCircle:
		return rep.status, rep.body, true
	case faultNullData:
		return http.StatusOK, []byte(`{"data":null}`), false
	case faultGarbage:
		return http.StatusOK, []byte("\x00\xff\xfe{]garbage"), false
	case faultHTML:
		return http.StatusOK, []byte("<!doctype html><title>Log in to the hotel Wi-Fi</title>"), false
	case faultEmpty:
		return http.StatusOK, nil, false
	case faultTrailing:
		return rep.status, slices.Concat(rep.body, rep.body), false
	case faultDuplicate:
		return rep.status, bytes.Replace(rep.body, []byte(`"endCursor":`), []byte(`"endCursor":"ZXZpbA","endCursor":`), 1), false
	case faultTruncated:
		return rep.status, rep.body[:len(rep.body)/2], false
	}
	if f.Status == 0 { // the error is already in the document
		return rep.status, rep.body, true
	}
	if f.Code != "" {
		return f.Status, document(nil, false, []gqlError{newError(f.Code, "simulated: "+f.Name)}), false
	}
	return f.Status, []byte("<html><body>simulated: " + strconv.Itoa(f.Status) + "</body></html>"), false
}

// outlet writes one answer and notes when.
type outlet struct {
	w    http.ResponseWriter
	r    *http.Request
	now  func() time.Time
	last func()
	out  sent
}

// write sends status and body, and waits until the connection has taken all of it. The last byte goes by itself: the
// client cannot have the whole answer before that, so this is when the answer ends, whoever is scheduled first then.
func (o *outlet) write(status int, body []byte) sent {
	o.open(status, len(body))
	if most := len(body) - 1; most > 0 {
		o.put(body[:most])
		body = body[most:]
	}
	there := o.r.Context().Err() == nil // afterwards it tells nothing: a client that has it all may hang up
	o.ending()
	o.out.whole = o.put(body) && there
	o.out.complete = o.out.whole
	return o.out
}

func (o *outlet) open(status, length int) {
	h := o.w.Header()
	if h.Get("Content-Type") == "" {
		h.Set("Content-Type", "application/json; charset=utf-8")
	}
	if h.Get("Content-Length") == "" {
		h.Set("Content-Length", strconv.Itoa(length))
	}
	o.out.status, o.out.first = status, o.now()
	o.w.WriteHeader(status)
}

func (o *outlet) ending() {
	o.out.ended = o.now()
	if o.last != nil {
		o.last()
	}
}

// put writes and waits until the connection has taken it. After an error all further writes fail as well.
func (o *outlet) put(body []byte) bool {
	_, err := o.w.Write(body)
	if err == nil {
		err = http.NewResponseController(o.w).Flush()
	}
	return err == nil
}

// trickle sends one byte at a time.
func (o *outlet) trickle(rep reply, each time.Duration) sent {
	o.open(rep.status, len(rep.body))
	for i := range rep.body {
		if !pause(o.r.Context(), each) {
			drop(o.w)
		}
		if i == len(rep.body)-1 {
			o.ending()
		}
		if !o.put(rep.body[i : i+1]) {
			drop(o.w)
		}
	}
	o.out.whole, o.out.complete = true, rep.page
	return o.out
}

// flood sends 40 MiB of well-formed answer, small on the wire if the client understands gzip.
func (o *outlet) flood() sent {
	body := slices.Concat([]byte(`{"data":{"padding":"`), bytes.Repeat([]byte("x"), 40<<20), []byte(`"}}`))
	if strings.Contains(o.r.Header.Get("Accept-Encoding"), "gzip") {
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		if _, err := z.Write(body); err != nil {
			panic("compress into memory: " + err.Error())
		}
		if err := z.Close(); err != nil {
			panic("compress into memory: " + err.Error())
		}
		o.w.Header().Set("Content-Encoding", "gzip")
		body = b.Bytes()
	}
	out := o.write(http.StatusOK, body)
	out.complete = false
	return out
}

// drop ends the connection at once: with a reset if it is a TCP connection that can be taken over, by the server's own
// means otherwise. It does not return.
func drop(w http.ResponseWriter) {
	if c, _, err := http.NewResponseController(w).Hijack(); err == nil {
		if tcp, ok := c.(*net.TCPConn); ok {
			_ = tcp.SetLinger(0) // without it the reset is an ordinary end; the client must bear both
		}
		_ = c.Close()
	}
	panic(http.ErrAbortHandler)
}
