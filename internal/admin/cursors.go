package admin

import (
	"net/http"
	"strconv"

	"seekpoller/store"
)

// Cursors are all cursors, ended ones too: live first, then the newest.
type Cursors struct {
	Cursors []Cursor `json:"cursors"`
}

// Queries is one page of the ledger, newest first.
type Queries struct {
	Queries []Query `json:"queries"`
	Next    Text    `json:"next"`
}

// cursorRoutes are what is asked about cursors and the ledger.
func (s *Server) cursorRoutes(m *http.ServeMux) {
	m.HandleFunc("GET /api/v1/cursors", s.answer(s.listCursors))
	m.HandleFunc("GET /api/v1/queries", s.answer(s.listQueries))
}

func (s *Server) listCursors(r *http.Request) (any, error) {
	if err := readParams(r).end(); err != nil {
		return nil, err
	}
	db := s.config.Load().Store
	found, err := db.Cursors(r.Context())
	if err != nil {
		return nil, err
	}
	last, err := db.LastQueries(r.Context())
	return Cursors{rowsOf(found, func(c store.Cursor) Cursor { return newCursor(c, last[c.ID]) })}, err
}

func (s *Server) listQueries(r *http.Request) (any, error) {
	p := readParams(r)
	f := store.QueryFilter{Stream: p.text("stream"), CursorID: p.number("cursor", 0), BeforeID: p.number("before", 0), Limit: p.limit()}
	if err := p.end(); err != nil {
		return nil, err
	}
	if err := s.checkStream(r.Context(), f.Stream); err != nil {
		return nil, err
	}
	found, err := s.config.Load().Store.Queries(r.Context(), f)
	list := Queries{Queries: rowsOf(found, newQuery)}
	if len(found) == f.Limit {
		list.Next = nextID(found[f.Limit-1].ID)
	}
	return list, err
}

// nextID is the mark of a list that is in the order of its rows' numbers, which begin at 1.
func nextID(id int64) Text {
	if id == 1 {
		return ""
	}
	return Text(strconv.FormatInt(id, 10))
}
