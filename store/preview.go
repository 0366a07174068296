package store

import (
	"context"
	"fmt"
	"strings"
)

// PreviewReplay says what Replay would do. It reads as Replay does, part by part, and changes nothing.
func (s *Store) PreviewReplay(ctx context.Context, r Replay) (ReplayPreview, error) {
	after, last, err := s.boundsOf(ctx, r)
	if err != nil {
		return ReplayPreview{}, fmt.Errorf("preview the replay: %w", err)
	}
	var p ReplayPreview
	for after < last {
		var seqs []int64
		if seqs, after, err = selectSeqs(ctx, s.reader, r.Events, after, last, previewPart); err != nil {
			return ReplayPreview{}, err
		}
		if err := s.addToPreview(ctx, r, seqs, &p); err != nil {
			return ReplayPreview{}, err
		}
	}
	return p, nil
}

const previewPart = 2000 // events in one read

// replayCount is how many events of a part are sorted alike. Oldest and newest are a time and an id.
type replayCount struct {
	sort           string
	n              int64
	oldest, newest string
}

func (s *Store) addToPreview(ctx context.Context, r Replay, seqs []int64, p *ReplayPreview) error {
	args, err := r.arguments(seqs)
	if err != nil || len(seqs) == 0 {
		return err
	}
	counts, err := list(ctx, s.reader, "preview the replay", func(row scanner) (c replayCount, err error) {
		err = row.Scan(&c.sort, &c.n, &c.oldest, &c.newest)
		return c, err
	}, `
		SELECT sort, count(*), min(at || ' ' || id), max(at || ' ' || id)
		FROM (SELECT e.at, e.id, `+replaySorts+` AS sort `+replayFrom+`)
		GROUP BY sort`, args...)
	for _, c := range counts {
		if err == nil {
			err = p.add(c)
		}
	}
	return err
}

func (p *ReplayPreview) add(c replayCount) error {
	switch c.sort {
	case replayOwed:
		p.Owed += c.n
		return nil
	case replayPurged:
		p.Purged += c.n
		return nil
	case replayMissing:
		p.Missing += c.n
		return nil
	case replayRefused:
		p.NotTaken += c.n
		return nil
	case replayNew:
		p.New += c.n
	case replayAgain:
		p.Again += c.n
	}
	oldest, err := readMark(c.oldest)
	if err != nil {
		return err
	}
	newest, err := readMark(c.newest)
	if err != nil {
		return err
	}
	if p.Oldest.ID == "" || oldest.At.Before(p.Oldest.At) {
		p.Oldest = oldest
	}
	if newest.At.After(p.Newest.At) {
		p.Newest = newest
	}
	return nil
}

// readMark reads a time and an id with a space between them.
func readMark(text string) (EventAt, error) {
	var m EventAt
	when, id, _ := strings.Cut(text, " ")
	m.ID = id
	return m, at{&m.At}.Scan(when)
}
