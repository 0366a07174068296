package admin

import (
	"io"
	"net/http"
	"os"
	"strconv"
	"time"

	"go.uber.org/zap"
)

// backupTime is how long a copy of a large database may take to be made and handed over.
const backupTime = 2 * time.Hour

// backup answers with a copy of the database. It holds everything, payloads too, so only the socket gives it. Whoever asked writes the file,
// with rights of their own: the daemon writes none at a place that somebody else names.
func (s *Server) backup(w http.ResponseWriter, r *http.Request) {
	if err := readParams(r).end(); err != nil {
		writeError(w, r, err)
		return
	}
	if !doorOf(r.Context()).local {
		writeError(w, r, &Error{Status: http.StatusForbidden, What: "the port gives no copy of the database", Todo: "take it by the admin socket: seek-poller backup FILE"})
		return
	}
	w.Header().Set("Content-Type", "application/vnd.sqlite3")
	if r.Method == http.MethodHead {
		return
	}
	if !s.backingUp.TryLock() {
		writeError(w, r, &Error{Status: http.StatusServiceUnavailable, What: "another backup is being made now", Todo: "try again when it is done"})
		return
	}
	defer s.backingUp.Unlock()
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(backupTime)) // in the process itself there is none
	c := s.config.Load()
	b, err := c.Store.Backup(r.Context(), "")
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	defer b.Close()
	f, err := os.Open(b.Path)
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	defer f.Close()
	w.Header().Set("Content-Length", strconv.FormatInt(b.Bytes, 10))
	_, err = io.Copy(w, f)
	c.Log.Info("a copy of the database was handed out", zap.String("to", actorOf(r.Context())), zap.Int64("bytes", b.Bytes), zap.Error(err))
}
