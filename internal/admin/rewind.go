package admin

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"seekpoller/store"
)

// RewindArgs say where a stream's live cursor is to go: exactly one To.
type RewindArgs struct {
	Stream   string `json:"stream"`
	ToEvent  string `json:"to_event,omitempty"`  // just behind this event
	ToTime   Time   `json:"to_time,omitzero"`    // so that events from this time of SEEK's on come again
	ToQuery  int64  `json:"to_query,omitempty"`  // where this query of the ledger began
	ToCursor int64  `json:"to_cursor,omitempty"` // where this ended cursor stood
}

// RewindFacts are what a rewind would do, in figures.
type RewindFacts struct {
	Cursor    int64 `json:"cursor"` // that ends
	FromEvent Time  `json:"newest_event_at"`
	At        Time  `json:"to"`     // about where the new one begins, by SEEK's time; null: the earliest event that SEEK has
	Known     int64 `json:"known"`  // stored events behind that place, which come again
	Pages     int64 `json:"pages"`  // that they take
	Seconds   int64 `json:"budget"` // of the query budget that they take, in seconds
	NewCursor int64 `json:"new_cursor,omitempty"`

	to store.Place
}

func (s *Server) rewindRoutes(m *http.ServeMux) {
	serveDeed(s, m, deed[RewindArgs]{verb: "cursors rewind", look: s.lookRewind, do: s.doRewind, selector: RewindArgs.words})
}

func (a RewindArgs) words() string { return a.Stream + " " + a.target() }

// target is the place as it is written on the command line.
func (a RewindArgs) target() string {
	switch {
	case a.ToEvent != "":
		return "--to-event " + a.ToEvent
	case !a.ToTime.IsZero():
		return "--to-time " + exactly(a.ToTime.Time)
	case a.ToQuery != 0:
		return fmt.Sprint("--to-query ", a.ToQuery)
	}
	return fmt.Sprint("--to-cursor ", a.ToCursor)
}

func (s *Server) lookRewind(ctx context.Context, args RewindArgs) (Outcome, error) {
	given := 0
	for _, set := range []bool{args.ToEvent != "", !args.ToTime.IsZero(), args.ToQuery != 0, args.ToCursor != 0} {
		if set {
			given++
		}
	}
	if given != 1 {
		return Outcome{}, badRequest(fmt.Sprintf("one place is needed, and %d are given", given), "name an event, a time, a query of the ledger, or an ended cursor")
	}
	live, err := s.live(ctx, args.Stream)
	if err != nil {
		return Outcome{}, err
	}
	to, err := s.placeOf(ctx, args, live)
	if err != nil {
		return Outcome{}, err
	}
	return s.previewRewind(ctx, live, to)
}

// live is the live cursor of a stream that a person named.
func (s *Server) live(ctx context.Context, stream string) (store.Cursor, error) {
	c := s.config.Load()
	live, err := c.Store.LiveCursor(ctx, stream)
	if !errors.Is(err, store.ErrNotFound) {
		return live, err
	}
	open, err := c.Store.OpenCursors(ctx)
	if err != nil {
		return live, err
	}
	var names []string
	for _, o := range open {
		if o.Kind == "live" {
			names = append(names, o.Stream)
		}
	}
	slices.Sort(names)
	return live, &Error{Status: http.StatusNotFound, What: fmt.Sprintf("no stream %q has a cursor", stream), Todo: "there are: " + strings.Join(names, ", ")}
}

func (s *Server) placeOf(ctx context.Context, args RewindArgs, live store.Cursor) (to store.Place, err error) {
	db := s.config.Load().Store
	what := ""
	switch {
	case !args.ToTime.IsZero():
		return s.placeOfTime(args, live)
	case args.ToEvent != "":
		what = "the event " + args.ToEvent
		to, err = db.PlaceOfEvent(ctx, args.ToEvent)
	case args.ToQuery != 0:
		what = fmt.Sprint("query ", args.ToQuery)
		to, err = db.PlaceOfQuery(ctx, args.ToQuery)
	default:
		what = fmt.Sprint("cursor ", args.ToCursor)
		to, err = db.PlaceOfCursor(ctx, args.ToCursor)
	}
	if errors.Is(err, store.ErrNotFound) {
		return to, &Error{Status: http.StatusNotFound, What: what + " is not known", Todo: "cursors list, cursors history and events list show what there is"}
	}
	if err != nil {
		return to, err
	}
	return to, s.checkPlace(what, args, to, live)
}

// placeOfTime is the way back that depends on no cursor of SEEK's: it works where SEEK refuses the stored one, and under changed settings.
func (s *Server) placeOfTime(args RewindArgs, live store.Cursor) (store.Place, error) {
	safe := live.SafeTime()
	if args.ToTime.After(safe) {
		return store.Place{}, conflict(fmt.Sprintf("that is a move forward: events from %s on may be at SEEK and not here, and would be skipped", exactly(safe)),
			"name a time no later than that")
	}
	since := args.ToTime.Add(-time.Millisecond) // SEEK's bound is exclusive
	to := store.Place{Stream: live.Stream, Kind: "live", Since: since, At: since, Fingerprint: s.fingerprint(live.Stream)}
	if stands(to, live) && to.Fingerprint == live.Fingerprint {
		return to, errSamePlace
	}
	return to, nil
}

var errSamePlace = conflict("the stream stands there already", "nothing has to be done")

func stands(to store.Place, live store.Cursor) bool {
	return to.Position == live.Position && (to.Position != "" || to.Since.Equal(live.Since))
}

// fingerprint is that of a stream's settings; "" if they are not known here.
func (s *Server) fingerprint(stream string) string {
	configured, _ := s.stream(stream)
	return configured.Fingerprint
}

func (s *Server) stream(name string) (ConfiguredStream, bool) {
	streams := s.config.Load().Streams
	i := slices.IndexFunc(streams, func(c ConfiguredStream) bool { return c.Name == name })
	if i < 0 {
		return ConfiguredStream{}, false
	}
	return streams[i], true
}

// checkPlace holds that a place is one where the stream's own live cursor has been: whatever lies behind it came, or comes again.
func (s *Server) checkPlace(what string, args RewindArgs, to store.Place, live store.Cursor) error {
	const byTime = "name a time instead: --to-time"
	switch now := s.fingerprint(live.Stream); {
	case to.Stream != live.Stream:
		return conflict(fmt.Sprintf("%s belongs to the stream %s", what, to.Stream), "")
	case to.Kind != "live":
		return conflict(fmt.Sprintf("%s belongs to a %s, whose places are its own", what, to.Kind), byTime)
	case to.Position == "" && args.ToEvent != "":
		return conflict("SEEK gave no place for "+what, byTime)
	case to.CursorID == live.ID && args.ToCursor != 0:
		return conflict(what+" is the live one", "nothing has to be done; cursors list shows those that have ended")
	case stands(to, live):
		return errSamePlace
	case now != "" && to.Fingerprint != now:
		return conflict(what+" belongs to other settings of endpoint, audience, scheme or event types", byTime)
	}
	return nil
}

func conflict(what, todo string) *Error {
	return &Error{Status: http.StatusConflict, What: what, Todo: todo}
}

func (s *Server) previewRewind(ctx context.Context, live store.Cursor, to store.Place) (Outcome, error) {
	c := s.config.Load()
	known, err := c.Store.KnownAfter(ctx, live.Stream, to.At)
	if err != nil {
		return Outcome{}, err
	}
	pages := pagesOf(known)
	f := RewindFacts{Cursor: live.ID, FromEvent: Time{live.LastEventAt}, At: Time{to.At}, Known: known, Pages: pages,
		Seconds: int64((time.Duration(pages) * c.Interval).Seconds()), to: to}
	says := []string{
		fmt.Sprintf("stream %s: cursor %d ends, and a new one begins at %s", live.Stream, live.ID, placeWords(to)),
		fmt.Sprintf("%s stored events lie behind that place; they come again, about %s at one query in %s (%s of the query budget), and are neither applied nor delivered again",
			grouped(known), counted(pages, "page", "pages"), c.Interval, time.Duration(pages)*c.Interval),
		"events that are not known yet are applied and delivered as always",
	}
	if rest := live.WaitFrom.Wall.Add(live.Wait); live.LastErrorKind == "" && live.Wait > 0 && rest.After(c.Now().Wall) {
		says = append(says, fmt.Sprintf("the first query is made after the quiet time that SEEK asks for after a last page: at %s", exactly(rest)))
	}
	says = append(says, s.doubts(live, to, c.Now().Wall)...)
	return Outcome{Says: says, Facts: f, Rows: 1, Undo: fmt.Sprintf("seek-poller cursors rewind %s --to-cursor %d --yes --reason undo", live.Stream, live.ID)}, nil
}

// doubts are what a person should know before.
func (s *Server) doubts(live store.Cursor, to store.Place, now time.Time) (says []string) {
	_, configured := s.stream(live.Stream)
	if !to.At.IsZero() && now.Sub(to.At) > horizon {
		says = append(says, "SEEK keeps events for 90 days: it has nothing of the time before that, and may not know a cursor from then")
	}
	if to.Position == "" && to.Fingerprint != live.Fingerprint {
		says = append(says, "the new cursor belongs to the settings of the next start, whatever they are")
	}
	if !configured && len(s.config.Load().Streams) > 0 {
		says = append(says, "the stream is no longer configured, so nobody asks for it")
	}
	return says
}

func placeWords(to store.Place) string {
	switch {
	case to.Position != "" && to.At.IsZero():
		return "a cursor that SEEK gave"
	case to.Position != "":
		return "a cursor that SEEK gave, about " + exactly(to.At)
	case to.Since.IsZero():
		return "the earliest event that SEEK has"
	}
	return exactly(to.Since.Add(time.Millisecond)) + " by SEEK's stream time"
}

func (s *Server) doRewind(ctx context.Context, _ RewindArgs, seen Outcome, d store.Deed) (Outcome, error) {
	facts := seen.Facts.(RewindFacts) // of lookRewind
	a, id, err := s.config.Load().Store.Rewind(ctx, d, facts.Cursor, facts.to)
	if errors.Is(err, store.ErrCursorMoved) {
		return Outcome{}, conflict("somebody else has moved this cursor just now", "look again")
	}
	if err != nil {
		return Outcome{}, err
	}
	facts.NewCursor = id
	seen.Facts = facts
	return seen.did(a), nil
}

// exactly is a time for people and for command lines, to the millisecond where it has one.
func exactly(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.999Z") }

// pagesOf is how many queries so many events take; one at least, to learn that there is no more.
func pagesOf(events int64) int64 { return max(1, (events+99)/100) }
