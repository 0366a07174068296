package simulator

import "time"

// reader returns the client's way through the stream that q reads, and widens it by q.
func (l *laws) reader(q *Query, ask selection, after *entry) *reader {
	r := l.streams[q.Stream]
	if r == nil {
		r = &reader{served: map[string]bool{}, behind: map[int]bool{}}
		l.streams[q.Stream] = r
	}
	switch {
	case !r.started:
		r.ask, r.started, r.from = ask, true, after
	case after == nil:
		r.from = nil
		r.ask.since = earlier(r.ask.since, ask.since)
	case r.from != nil && after.less(r.from):
		r.from = after
	}
	r.hadFirst = r.hadFirst || q.After == ""
	return r
}

// earlier is the wider of two lower bounds; zero is no bound.
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || b.IsZero() {
		return time.Time{}
	}
	if b.Before(a) {
		return b
	}
	return a
}

// made notes the page that was made for q, before anybody knows whether it arrives. Who asks only for places is served no event.
func (r *reader) made(q *Query, p page) {
	for _, e := range p.entries {
		if q.Selection != "places" {
			q.Served = append(q.Served, e.id)
		}
	}
	if n := len(p.entries); n > 0 {
		r.reached = further(r.reached, p.entries[n-1])
	}
}

// answered notes that the page went out complete.
func (r *reader) answered(q *Query, p page) {
	r.last = nil
	if !q.HasNext {
		r.last = q
	}
	if n := len(p.entries); n > 0 {
		r.newest = further(r.newest, p.entries[n-1])
	}
	for _, id := range q.Served {
		r.served[id] = true
	}
	if q.EndCursor != "" && q.EndCursor != q.After {
		r.cursors = append(r.cursors, q.EndCursor)
	}
}

func further(a, b *entry) *entry {
	if a == nil || a.less(b) {
		return b
	}
	return a
}

// inserted tells the readers of a new entry, which may lie where they have already been.
func (l *laws) inserted(e *entry) {
	for _, r := range l.streams {
		if r.reached != nil && e.less(r.reached) {
			r.behind[e.serial] = true
		}
	}
}

// covers says whether the reader must have been shown the entry: it lies on the way that was answered.
func (r *reader) covers(e *entry) bool {
	return r.newest != nil && r.ask.matches(e) && !r.newest.less(e) && (r.from == nil || r.from.less(e)) && !r.behind[e.serial]
}
