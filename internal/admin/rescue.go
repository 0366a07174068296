package admin

import (
	"fmt"
	"net/http"

	"go.uber.org/zap"
)

// answering is an answer that remembers whether it has begun.
type answering struct {
	http.ResponseWriter
	begun bool
}

func (w *answering) WriteHeader(status int) {
	w.begun = true
	w.ResponseWriter.WriteHeader(status)
}

func (w *answering) Write(p []byte) (int, error) {
	w.begun = true
	return w.ResponseWriter.Write(p)
}

// Unwrap lets http.ResponseController through.
func (w *answering) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// rescue is deferred around every answer: a panic is a mistake of ours, which the log gets once; whoever asked is told so, and the daemon goes on.
// Half an answer is broken off, so that nobody takes it for a whole one.
func (s *Server) rescue(w *answering, r *http.Request) {
	cause := recover()
	if cause == nil {
		return
	}
	if cause == http.ErrAbortHandler {
		panic(cause)
	}
	s.config.Load().Log.Error("a request ended in a panic: please report it", zap.String("path", r.URL.Path), zap.String("panic", fmt.Sprint(cause)), zap.Stack("stack"))
	if w.begun {
		panic(http.ErrAbortHandler)
	}
	writeError(w, r, &Error{Status: http.StatusInternalServerError, What: "the daemon made a mistake with this request, and noted it in its log", Todo: "please report it with that line of the log"})
}
