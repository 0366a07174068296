package simulator

import (
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/vektah/gqlparser/v2/ast"
)

// serveGraphQL is POST /graphql: read, judge, answer, and note how the answer went out.
func (s *Server) serveGraphQL(w http.ResponseWriter, r *http.Request) {
	arrived := s.o.Now()
	c := s.readCall(r, arrived)
	q, accepted, f := s.begin(c)
	if !pause(r.Context(), s.latency(q)+f.early()) {
		s.finish(q, page{}, sent{ended: s.o.Now()})
		return
	}
	rep, p := s.answer(c, q, accepted, f)
	if q != nil {
		// A panic is how a connection is dropped; it must not leave the log open.
		defer func() {
			if q.Ended.IsZero() {
				s.finish(q, p, sent{ended: s.o.Now()})
			}
		}()
	}
	rep.now, rep.last = s.o.Now, func() { s.ending(q) }
	out := send(w, r, f, rep)
	s.finish(q, p, out)
}

// begin judges the request at its arrival and asks the script what shall go wrong. The query is nil unless the request
// asks for events.
func (s *Server) begin(c *call) (q *Query, accepted bool, f Fault) {
	s.settle()
	s.mu.Lock()
	defer s.mu.Unlock()
	c.request, f = s.next(c.request)
	accepted = s.check(c)
	if t := s.tokens.byValue[c.token]; t != nil {
		t.refused = t.refused || f.Name == faultExpired
		t.renewable = t.renewable || f.Code == "UNAUTHENTICATED"
		accepted = accepted && !t.refused
	}
	if c.kind == kindEvents {
		r := c.request
		q = &Query{N: r.N, Arrived: c.arrived, Stream: streamOf(r), Scheme: r.Scheme, Types: r.Types, After: r.After, First: r.First,
			Since: r.Since, Until: r.Until, Selection: r.Selection, RequestID: r.RequestID, SessionID: r.SessionID, Fault: f.Name}
	}
	s.laws.arrive(c, q)
	return q, accepted, f
}

func (s *Server) latency(q *Query) time.Duration {
	if q == nil || s.o.PageLatency == nil {
		return 0
	}
	return s.o.PageLatency(q.N)
}

// answer makes the body. The page is what it was made of.
func (s *Server) answer(c *call, q *Query, accepted bool, f Fault) (reply, page) {
	switch {
	case c.errors != nil && (c.op == nil || c.vars == nil):
		return reply{status: c.status, body: document(nil, false, c.errors)}, page{}
	case !accepted:
		return reply{status: s.o.UnauthenticatedCode, body: document(nil, false, []gqlError{newError("UNAUTHENTICATED", "the access token is missing, expired or invalid")})}, page{}
	case c.errors != nil:
		return reply{status: c.status, body: document(nil, true, c.errors)}, page{}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	x := &execution{schema: s.schema, vars: c.vars}
	var p page
	data := x.run(c.op, func(field *ast.Field, vars map[string]any) any {
		v, made := s.resolve(c, q, field, vars, f)
		p.entries = append(p.entries, made.entries...)
		return v
	})
	if f.Code != "" && f.Status == 0 {
		return reply{status: http.StatusOK, body: f.document(c, data, x.errors, len(p.entries))}, p
	}
	return reply{status: http.StatusOK, body: document(data, true, x.errors), page: data != nil}, p
}

// resolve is the root of the graph. The caller holds mu.
func (s *Server) resolve(c *call, q *Query, field *ast.Field, vars map[string]any, f Fault) (any, page) {
	args := field.ArgumentMap(vars)
	switch field.Name {
	case "version":
		return "simulator.1", page{}
	case "event":
		e := s.stream.first[text(args["id"])]
		if e == nil || e.streamed.After(s.o.Now()) {
			return nil, page{}
		}
		return maker{e, s.o.Canary}.node(), page{}
	case "candidateProfile":
		return s.candidateProfile(text(args["id"])), page{}
	case "events":
		return s.events(c.readSelection(field.Alias, args), q, f)
	}
	return refusal{"INTERNAL_SERVER_ERROR", "the simulator does not play this part of SEEK"}, page{}
}

// events answers one page and notes in q what is on it.
func (s *Server) events(ask selection, q *Query, f Fault) (any, page) {
	p, err := s.stream.page(ask, s.o.Now())
	if err != nil {
		return refusal{"BAD_USER_INPUT", err.Error()}, page{}
	}
	r := s.laws.reader(q, ask, s.stream.find(ask.after))
	r.made(q, p)
	q.EndCursor, q.HasNext = s.end(ask, p), p.hasNext
	switch {
	case f.Name == faultStuck || f.Name == faultCircle && len(r.cursors) < 2:
		q.EndCursor, q.HasNext = ask.after, true
	case f.Name == faultCircle:
		q.EndCursor, q.HasNext = r.cursors[len(r.cursors)-2], true
	}
	return s.connection(ask, q, p), p
}

// end is the cursor of the last event. That of an empty page is not documented by SEEK.
func (s *Server) end(ask selection, p page) string {
	switch {
	case len(p.entries) > 0:
		return p.entries[len(p.entries)-1].cursor()
	case s.o.NullEndCursorOnEmpty:
		return ""
	}
	return ask.after
}

func (s *Server) connection(ask selection, q *Query, p page) object {
	edges := []any{}
	start := any(nil)
	for _, e := range p.entries {
		edges = append(edges, object{"__typename": "EventEdge", "cursor": e.cursor(), "streamDateTime": e.streamed, "node": maker{e, s.o.Canary}.node})
	}
	if len(p.entries) > 0 {
		start = p.entries[0].cursor()
	}
	info := object{"__typename": "PageInfo", "hasNextPage": q.HasNext, "hasPreviousPage": ask.after != "", "startCursor": start, "endCursor": nil}
	if q.EndCursor != "" {
		info["endCursor"] = q.EndCursor
	}
	return object{"__typename": "EventsConnection", "edges": edges, "pageInfo": info}
}

// finish closes the log of a query.
func (s *Server) finish(q *Query, p page, out sent) {
	if q == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if done := s.ends[q]; done != nil {
		close(done)
		delete(s.ends, q)
	}
	q.FirstByte, q.Ended, q.Status = out.first, out.ended, out.status
	if out.whole {
		s.laws.away(q, out.retryAfter)
	}
	q.Answered = out.complete && len(q.Stream) > 0
	if r := s.laws.streams[q.Stream]; q.Answered && r != nil {
		r.answered(q, p)
	}
}

// ending notes that the last byte of an answer is about to go out. From then on the client may act on it before we have
// noted that it was taken.
func (s *Server) ending(q *Query) {
	if q == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ends[q] = make(chan struct{})
}

// settle waits for the log of the answers that are ending, so that whoever has read one finds it there. A client that
// does not read its last byte holds nobody up for more than a second.
func (s *Server) settle() {
	s.mu.Lock()
	ends := slices.Collect(maps.Values(s.ends))
	s.mu.Unlock()
	for _, done := range ends {
		select {
		case <-done:
		case <-time.After(time.Second):
		}
	}
}
