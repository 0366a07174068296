package admin

import (
	"context"
	"net/http"
	"strings"

	"seekpoller/store"
)

// Order is what every deed's request has beside its own arguments.
type Order struct {
	Yes    bool   `json:"yes"`    // do it; without, only say what would be done
	Reason string `json:"reason"` // why, for the record; needed with yes
}

// Outcome is what a deed would do, or did.
type Outcome struct {
	Verb   string   `json:"verb"`
	Done   bool     `json:"done"` // false: a dry run, nothing was changed
	Says   []string `json:"says"` // the same in words, a line each
	Facts  any      `json:"facts,omitempty"`
	Rows   int64    `json:"rows"`             // that would be changed, or were
	Action int64    `json:"action,omitempty"` // its number in the record
	Undo   string   `json:"undo"`             // the command that takes it back, or why there is none
}

// deed is one deed of the surface: it looks first and shows what it would do; with yes it then does it.
type deed[A any] struct {
	verb string
	// look says what the deed would do with these arguments as things stand: Says, Facts, Rows and Undo. An *Error if it cannot be done.
	look func(ctx context.Context, args A) (Outcome, error)
	// do does it. It is given what look found, and returns it with what was done.
	do func(ctx context.Context, args A, seen Outcome, d store.Deed) (Outcome, error)
	// selector is the arguments in the words of the command, for the record.
	selector func(args A) string
}

// request is the body of a deed.
type request[A any] struct {
	Order
	Args A `json:"args"`
}

// serveDeed puts a deed at POST /api/v1/deeds/ and its verb with dashes.
func serveDeed[A any](s *Server, m *http.ServeMux, d deed[A]) {
	m.HandleFunc("POST /api/v1/deeds/"+strings.ReplaceAll(d.verb, " ", "-"), s.answer(func(r *http.Request) (any, error) {
		return d.serve(s, r)
	}))
}

func (d deed[A]) serve(s *Server, r *http.Request) (any, error) {
	var req request[A]
	if err := readBody(r, &req); err != nil {
		return nil, err
	}
	config := s.config.Load()
	req.Reason = strings.TrimSpace(req.Reason)
	if req.Yes && req.Reason == "" {
		return nil, badRequest(d.verb+" needs a reason, for the record", `add --reason "why"`)
	}
	seen, err := d.look(r.Context(), req.Args)
	if err != nil {
		return nil, err
	}
	seen.Verb = d.verb
	if !req.Yes {
		return seen, nil
	}
	if config.ReadOnly {
		return nil, store.ErrReadOnly
	}
	// A deed that was begun is finished, whoever hangs up.
	done, err := d.do(context.WithoutCancel(r.Context()), req.Args, seen, store.Deed{
		Actor: actorOf(r.Context()), Verb: d.verb, Reason: req.Reason, Selector: d.selector(req.Args), Undo: seen.Undo, At: config.Now().Wall,
	})
	if err != nil {
		return nil, err
	}
	done.Done = true
	if config.Wake != nil {
		config.Wake()
	}
	return done, nil
}

// did fills in what an action says.
func (o Outcome) did(a store.Action) Outcome {
	o.Rows, o.Action, o.Undo = a.Rows, a.ID, a.Undo
	return o
}
