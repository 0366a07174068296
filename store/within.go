package store

import "context"

// within narrows what a deed looks at, behind after and up to last, to where the events of its times lie: behind them there may be millions of others.
func (s *Store) within(ctx context.Context, f EventFilter, after, last int64) (int64, int64, error) {
	if _, few := f.index(); few || f.Since.IsZero() && f.Until.IsZero() {
		return after, last, nil
	}
	pairs, err := s.typesOf(ctx, f.Stream, f.Type)
	if err != nil {
		return 0, 0, err
	}
	begin, end := last, after
	for _, p := range pairs {
		r, err := first(ctx, s.reader, "find the events of a time", func(row scanner) (r reach, err error) {
			err = row.Scan(&r.first, &r.last)
			return r, err
		}, reachOf, p.stream, p.name, stampUp(f.Since), !f.Until.IsZero(), stampUp(f.Until))
		if err != nil {
			return 0, 0, err
		}
		if r.last > 0 {
			begin, end = min(begin, r.first-1), max(end, r.last)
		}
	}
	begin, end = max(begin, after), min(end, last)
	return min(begin, end), end, nil
}

// reachOf walks along the index, and looks up no row.
const reachOf = `
	SELECT coalesce(min(seq), 0), coalesce(max(seq), 0)
	FROM events INDEXED BY events_search
	WHERE stream = ?1
	  AND type = ?2
	  AND at >= coalesce(?3, '')
	  AND at < iif(?4, ?5, '9')`
