package admin

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"

	"go.uber.org/zap"

	"seekpoller/store"
)

const jsonType = "application/json; charset=utf-8"

// Error is an answer that is not what was asked for: what is wrong, and what to do. It is the JSON object {"error": {…}}.
type Error struct {
	Status int    `json:"status"` // of HTTP: 400 wrong usage, 404 unknown, 409 cannot be done as things stand, 503 try later
	What   string `json:"what"`
	Todo   string `json:"todo,omitempty"`
}

func (e *Error) Error() string { return e.What }

// badRequest is the answer to a request that cannot be understood.
func badRequest(what, todo string) *Error {
	return &Error{Status: http.StatusBadRequest, What: what, Todo: todo}
}

// explain finds the words for any error. What is not meant for people is an internal error, whose text goes to the log.
func explain(err error) *Error {
	var ours *Error
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &ours):
		return ours
	case errors.As(err, &tooLarge):
		return &Error{Status: http.StatusRequestEntityTooLarge, What: "the request is too large"}
	case errors.Is(err, store.ErrReadOnly):
		return &Error{Status: http.StatusConflict, What: "the database is open for reading only"}
	case store.Damaged(err):
		return &Error{Status: http.StatusInternalServerError, What: "the database is damaged: " + err.Error(), Todo: "keep the file, restore a backup, and start again: what came since is asked for once more"}
	case store.Temporary(err):
		return &Error{Status: http.StatusServiceUnavailable, What: "the database cannot be written now", Todo: "is the disk full? try again, and look into the daemon's log"}
	}
	return &Error{Status: http.StatusInternalServerError, What: "the database could not be asked: " + err.Error(), Todo: "if it happens again, please report it"}
}

// writeJSON answers with v, or with an error if it cannot be encoded.
func writeJSON(w http.ResponseWriter, r *http.Request, v any) {
	var body bytes.Buffer
	enc := json.NewEncoder(&body)
	enc.SetEscapeHTML(true)
	if err := enc.Encode(v); err != nil {
		writeError(w, r, err)
		return
	}
	w.Header().Set("Content-Type", jsonType)
	_, _ = w.Write(body.Bytes()) // whoever asked has gone
}

func writeError(w http.ResponseWriter, r *http.Request, err error) {
	e := explain(err)
	if wantsPage(r) {
		writeErrorPage(w, e)
		return
	}
	body, _ := json.Marshal(map[string]*Error{"error": e}) // strings and a number
	w.Header().Set("Content-Type", jsonType)
	w.WriteHeader(e.Status)
	_, _ = w.Write(append(body, '\n'))
}

// answer makes a handler of a function that reads something or fails.
func (s *Server) answer(read func(r *http.Request) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		v, err := read(r)
		if err == nil {
			writeJSON(w, r, v)
			return
		}
		s.refuse(w, r, err)
	}
}

// refuse answers with an error. The text of an internal one goes to the log. At the port, where anybody may ask, it goes nowhere else: the answer names
// the line of the log.
func (s *Server) refuse(w http.ResponseWriter, r *http.Request, err error) {
	e := explain(err)
	if e.Status == http.StatusInternalServerError && r.Context().Err() == nil {
		line := fmt.Sprintf("%08x", rand.Uint32())
		s.config.Load().Log.Error("a request could not be answered", zap.String("path", r.URL.Path), zap.String("mistake", line), zap.Error(err))
		if !doorOf(r.Context()).local {
			e = &Error{Status: e.Status, What: "the database could not be asked: mistake " + line, Todo: "what happened is in the daemon's log, in the line with that word; if it happens again, please report it"}
		}
	}
	writeError(w, r, e)
}
