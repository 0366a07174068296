package admin

import (
	"bytes"
	"encoding/json"
	"errors"
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
		if explain(err).Status == http.StatusInternalServerError && r.Context().Err() == nil {
			s.config.Load().Log.Error("a request could not be answered", zap.String("path", r.URL.Path), zap.Error(err))
		}
		writeError(w, r, err)
	}
}
