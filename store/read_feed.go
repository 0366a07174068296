package store

import (
	"context"
	"encoding/json"
)

// FeedFilter chooses what a consumer is told. Empty lists choose all; an event whose hirer is not known is told whatever Hirers says.
type FeedFilter struct{ Streams, Types, Hirers []string }

// FeedPart is the next stretch of the feed.
type FeedPart struct {
	Events []Event // oldest first
	Next   int64   // everything up to here was looked at: where to go on
	Newest int64   // where the feed ends for now; below the position asked for if the database is an older copy
}

// feedWindow is how many events are looked through in one read, payloads and all.
const feedWindow = 5000

// Feed reads what arrived after a position, in order of arrival: at most limit events, from at most 5,000. Places where SEEK had an event that it
// could not give, and events that a purge empties, are passed over. Asking again from Next tells every event once, because an event
// never appears behind one that was there before it.
func (s *Store) Feed(ctx context.Context, f FeedFilter, after int64, limit int) (FeedPart, error) {
	newest, err := first(ctx, s.reader, "see where the feed ends", scanInt, `
		SELECT coalesce(max(seq), 0)
		FROM sqlite_sequence
		WHERE name = 'events'`)
	if err != nil || after >= newest {
		return FeedPart{Next: after, Newest: newest}, err
	}
	p := FeedPart{Next: min(newest, after+feedWindow), Newest: newest}
	limit = limited(limit)
	// NOT INDEXED: by an index of the stream every request would sort all that the stream ever had.
	p.Events, err = list(ctx, s.reader, "read the feed", scanEvent, `
		SELECT `+eventColumns+`
		FROM events e NOT INDEXED
		WHERE e.seq > ?1
		  AND e.seq <= ?2
		  AND e.type <> 'missing'
		  AND e.purge IS NULL
		  AND (?3 IS NULL OR e.stream IN (SELECT value FROM json_each(?3)))
		  AND (?4 IS NULL OR e.type IN (SELECT value FROM json_each(?4)))
		  AND (?5 IS NULL OR e.hirer_id IS NULL OR e.hirer_id IN (SELECT value FROM json_each(?5)))
		ORDER BY e.seq
		LIMIT ?6`, after, p.Next, anyOf(f.Streams), anyOf(f.Types), anyOf(f.Hirers), limit)
	if len(p.Events) == limit {
		p.Next = p.Events[limit-1].Seq
	}
	return p, err
}

// anyOf binds a list as JSON; NULL for an empty one, which chooses all.
func anyOf(words []string) any {
	if len(words) == 0 {
		return nil
	}
	text, _ := json.Marshal(words) // strings
	return string(text)
}
