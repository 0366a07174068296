package poller

import (
	"errors"

	"seekpoller/graphql"
	"seekpoller/store"
)

// SEEK's schema says that every edge has an event, so one event that SEEK cannot resolve takes its whole page with it. After three such
// failures the page is taken apart: 25 events at a time, then 5, then one, each asked for as always, so that the others lose nothing. The one
// that stays is asked for with the fields that every event has, and at last only for its place, so that the stream gets past it. That takes
// at most 19 queries. What is missing is a row of its own, and an alarm.
//
// A cursor's Suspect says how far this has come: among so many events from the cursor on is the one that spoils its page. Below zero:
const (
	bareNext = -1 // the next event is asked for with the interface's fields only
	skipNext = -2 // the next event is asked for its place only
	bareAll  = -3 // SEEK refuses the whole selection, as after a change of its schema: interface's fields only, until the stream is caught up
)

// patience is how often a page may be spoilt by an event before it is taken apart.
const patience = 3

// shape is what to ask for at a cursor, and how many events.
func (p *Poller) shape(s Stream, suspect int) (graphql.Selection, int) {
	switch {
	case suspect == bareAll:
		return graphql.Interface, p.PageSize
	case suspect == skipNext:
		return graphql.Places, 1
	case suspect == bareNext:
		return graphql.Interface, 1
	case suspect > 25:
		return selection(s), 25
	case suspect > 5:
		return selection(s), 5
	case suspect > 0:
		return selection(s), 1
	}
	return selection(s), p.PageSize
}

func selection(s Stream) graphql.Selection {
	if s.Details {
		return graphql.Details
	}
	return graphql.IDs
}

// narrower is what is suspected after a query failed.
func narrower(q store.Query, failed error) int {
	was := q.Cursor.Suspect
	var e *graphql.Error
	if !errors.As(failed, &e) {
		return was
	}
	whole := q.Selection == string(graphql.IDs) || q.Selection == string(graphql.Details)
	switch {
	case e.Code == "GRAPHQL_VALIDATION_FAILED" && whole:
		return bareAll
	case !e.Node || was == skipNext:
		return was
	case (was == 0 || was == bareAll) && q.Cursor.Failures+1 < patience:
		return was
	case was == bareAll: // smaller pages of the whole selection would be refused again
		return bareNext
	case was == bareNext:
		return skipNext
	case q.First > 1:
		return q.First
	}
	return bareNext
}

// wider is what is still suspected after a page came.
func wider(q store.Query, page *graphql.Page) int {
	was := q.Cursor.Suspect
	switch {
	case !page.HasNextPage, was == bareNext, was == skipNext:
		return 0
	case was > 0:
		return max(0, was-len(page.Edges))
	}
	return was
}
