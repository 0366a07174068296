package admin

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"seekpoller/store"
)

// PurgeArgs say whose events are purged, or which: exactly one.
type PurgeArgs struct {
	Candidate string `json:"candidate,omitempty"`
	Hirer     string `json:"hirer,omitempty"`
	Before    Time   `json:"before,omitzero"` // by SEEK's time on the stream
}

// PurgeFacts are what a purge removes, in figures.
type PurgeFacts struct {
	Events  int64                     `json:"events"`
	Waiting int64                     `json:"waiting"` // of them: not settled yet, and emptied once they are
	By      []store.WaitingDeliveries `json:"waiting_for"`
	Oldest  Time                      `json:"oldest"`
	Newest  Time                      `json:"newest"`
	Emptied int64                     `json:"emptied,omitempty"` // when it was done
	Wiped   bool                      `json:"wiped"`             // no byte of what was emptied is left in the database file and its log

	found store.PurgePreview
}

func (a PurgeArgs) purge() store.Purge {
	return store.Purge{Candidate: a.Candidate, Hirer: a.Hirer, Before: a.Before.Time}
}

func (a PurgeArgs) words() string { return a.purge().Selector() }

// unreached is what no purge of ours removes.
const unreached = "not reached, and for you to see to: copies made with backup and by your own backups, files in the spool directories, what receivers keep, " +
	"what SEEK keeps, and blocks of the disk that once held parts of the file"

func (s *Server) lookPurge(ctx context.Context, args PurgeArgs) (Outcome, error) {
	given := 0
	for _, set := range []bool{args.Candidate != "", args.Hirer != "", !args.Before.IsZero()} {
		if set {
			given++
		}
	}
	if given != 1 {
		return Outcome{}, badRequest(fmt.Sprintf("one of candidate, hirer and before is needed, and %d are given", given), "name an id of SEEK's, or a time")
	}
	if args.Before.After(s.clock()) {
		return Outcome{}, badRequest("before lies in the future", "name a time that is past")
	}
	found, err := s.config.Load().Store.PreviewPurge(ctx, args.purge())
	if err != nil {
		return Outcome{}, err
	}
	if found.Events == 0 {
		return Outcome{}, &Error{Status: http.StatusNotFound, What: "no stored event " + args.chooses() + ", except what was purged before",
			Todo: "nothing has to be done here; is the id whole, as in events show? Copies, receivers and SEEK may still have something"}
	}
	o := Outcome{Rows: found.Events, Undo: "none: what was purged is gone, and SEEK sending it again does not bring it back"}
	o.Facts = PurgeFacts{Events: found.Events, Waiting: found.Waiting, By: found.Deliveries, Oldest: Time{found.Oldest.At}, Newest: Time{found.Newest.At}, found: found}
	o.Says = append(o.Says, fmt.Sprintf("%s %s, from %s to %s: payload, identifiers and what receivers said of them are removed; that they were here stays, so that they are never handed on again",
		counted(found.Events, "event", "events"), args.chooses(), exactly(found.Oldest.At), exactly(found.Newest.At)))
	o.Says = append(o.Says, args.saysWaiting(found)...)
	o.Says = append(o.Says, unreached)
	return o, nil
}

func (a PurgeArgs) chooses() string {
	switch {
	case a.Candidate != "":
		return "names that candidate"
	case a.Hirer != "":
		return "names that hirer"
	}
	return "is of before " + exactly(a.Before.Time)
}

// saysWaiting says what must be settled first, and how.
func (a PurgeArgs) saysWaiting(found store.PurgePreview) []string {
	if found.Waiting == 0 {
		return nil
	}
	same := "--candidate …"
	switch {
	case a.Hirer != "":
		same = "--hirer …"
	case a.Candidate == "":
		same = "--until " + exactly(a.Before.Time)
	}
	says := []string{fmt.Sprintf("%d of them keep all that until they are settled; then the daemon removes it within the hour:", found.Waiting)}
	for _, w := range found.Deliveries {
		says = append(says, fmt.Sprintf("  %s: %d owed, %d dead; to settle them: deliveries retry, or deliveries discard, with --destination %s %s",
			w.Destination, w.Owed, w.Dead, w.Destination, same))
	}
	return says
}

func (s *Server) doPurge(ctx context.Context, args PurgeArgs, seen Outcome, d store.Deed) (Outcome, error) {
	facts := seen.Facts.(PurgeFacts)
	if id := args.Candidate + args.Hirer; id != "" && strings.Contains(d.Reason, id) {
		return Outcome{}, badRequest("the reason names who is purged, and the record keeps it", "give a reason without the id, such as the number of the request")
	}
	c := s.config.Load()
	a, emptied, err := c.Store.Purge(ctx, d, args.purge(), facts.found, s.clock)
	if err != nil {
		return Outcome{}, err
	}
	wiped := KeepUp(ctx, c.Store.NewWiping(s.clock))
	if wiped != nil && !errors.Is(wiped, store.ErrLogInUse) {
		return Outcome{}, fmt.Errorf("action %d has emptied the events, but not yet what is left of them between others: %w", a.ID, wiped)
	}
	facts.Emptied, facts.Wiped = emptied, wiped == nil
	seen.Facts = facts
	seen.Says = append([]string{saysEmptied(a, emptied, wiped)}, seen.Says...)
	return seen.did(a), nil
}

func saysEmptied(a store.Action, emptied int64, wiped error) string {
	done := fmt.Sprintf("%d emptied", emptied)
	if left := a.Rows - emptied; left > 0 {
		done += fmt.Sprintf(", %d marked to be emptied once they are settled", left)
	}
	if wiped != nil {
		return done + "; somebody reads the database, so bytes of them are still in its log: the daemon removes them within the hour, or verify says that it did not"
	}
	return done + "; no byte of what was emptied is left in the database and its log"
}
