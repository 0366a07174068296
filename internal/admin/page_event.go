package admin

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"seekpoller/store"
)

// eventView is what the page of one event shows.
type eventView struct {
	Timeline
	Now        time.Time
	Ids        []identifier
	Deliveries []store.DeliveryRow
	Attempts   []store.Attempt // by destination, newest first
	Payload    payload
}

// payload is an event as SEEK sent it, or why it is not shown.
type payload struct {
	Text string
	Why  string // it is not shown
	Show string // the address that shows it; ""
}

// eventPage is one event and what became of it.
func (s *Server) eventPage(r *http.Request, sh *sheet) error {
	p := readParams(r)
	id, asked := p.text("id"), p.oneOf("payload", "1") != ""
	if id == "" {
		p.wrong("which event? put its id behind /event?id=")
	}
	if err := p.end(); err != nil {
		return err
	}
	e, err := s.event(r.Context(), id)
	if err != nil {
		return err
	}
	v := eventView{Now: sh.At, Ids: identifiersOf(e), Payload: s.payload(r.Context(), e, asked)}
	if v.Timeline, err = s.timeline(r.Context(), e); err != nil {
		return err
	}
	db := s.config.Load().Store
	if v.Deliveries, _, err = db.Deliveries(r.Context(), store.DeliveryFilter{EventID: e.ID}); err != nil {
		return err
	}
	if v.Attempts, err = db.Attempts(r.Context(), e.ID, ""); err != nil {
		return err
	}
	sh.Title, sh.Query, sh.Body = e.Type+" "+e.ID, e.ID, v
	return nil
}

// payload keeps personal data to whoever is on this machine with a right to the socket, asks for it, and looks at a stream that is there for it.
func (s *Server) payload(ctx context.Context, e store.Event, asked bool) payload {
	stream, known := s.stream(e.Stream)
	switch {
	case e.Node == nil:
		return payload{Why: "It is no longer stored."}
	case !doorOf(ctx).local:
		return payload{Why: "It is not shown here: this port asks nobody who they are. The admin socket shows that of a stream with details: true."}
	case !known || !stream.Details:
		return payload{Why: "It is not shown: the stream does not say details: true, so it holds no more than the identifiers above."}
	case !asked:
		return payload{Why: "It is not shown unless you ask: it holds personal data.", Show: address("/event", "id", e.ID, "payload", "1")}
	}
	var text bytes.Buffer
	if json.Indent(&text, e.Node, "", "  ") != nil {
		return payload{Text: string(e.Node)} // as SEEK sent it, whatever that was
	}
	return payload{Text: text.String()}
}

// Mood is a step's mark: it lies ahead, it is a failure, or it is neither.
func (v eventView) Mood(s Step) string {
	switch {
	case s.At.After(v.Now):
		return "later"
	case strings.Contains(s.What, "failed"), strings.Contains(s.What, "given up"):
		return "failed"
	}
	return "done"
}
