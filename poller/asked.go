package poller

import (
	"time"

	"seekpoller/store"
)

// Exchange is one query whose row in the ledger is closed, told for figures.
type Exchange struct {
	Stream  string
	Outcome string         // as in the ledger
	Spacing time.Duration  // from the end of the exchange before to the start of this one; 0: this Poller made none before
	Waited  time.Duration  // for the slot, since this Poller saw that the cursor is due
	Took    time.Duration  // until the last byte of the answer, or the error
	Events  map[string]int // of the page by type, known ones too; nil: there was no page
	Fresh   int            // of them, those that were not known
}

// pulse is what an Exchange is measured by. It is owned by Run, and forgotten with the process: the ledger needs none of it.
type pulse struct {
	due             map[int64]store.Instant // since when each cursor that is due was seen to be
	ended           store.Instant           // of the last exchange; zero: none yet
	spacing, waited time.Duration           // of the one in hand
}

// noteDue keeps the moment at which a cursor was first seen to be due.
func (p *pulse) noteDue(cursor int64, due bool, now store.Instant) {
	switch _, noted := p.due[cursor]; {
	case !due:
		delete(p.due, cursor)
	case !noted:
		p.due[cursor] = now
	}
}

// begins measures what lies behind a query that is about to be sent.
func (p *pulse) begins(q store.Query) {
	p.spacing = p.ended.Elapsed(q.SentAt, store.Instant{})
	p.waited = p.due[q.Cursor.ID].Elapsed(q.SentAt, store.Instant{})
	delete(p.due, q.Cursor.ID)
}

// asked tells whoever counts that an exchange is over and recorded. page may be nil.
func (p *Poller) asked(q store.Query, outcome string, page *store.Page, fresh int) {
	if p.Asked == nil {
		return
	}
	x := Exchange{Stream: q.Cursor.Stream, Outcome: outcome, Spacing: p.pulse.spacing, Waited: p.pulse.waited,
		Took: q.SentAt.Elapsed(p.pulse.ended, p.started), Fresh: fresh}
	if page != nil {
		x.Events = map[string]int{}
		for _, e := range page.Events {
			x.Events[e.Type]++
		}
	}
	p.Asked(x)
}
