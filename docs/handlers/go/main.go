// Command handler is a receiver of seek-poller's webhooks, to begin with: it stores each event once, and afterwards asks SEEK
// for the candidate profiles that the events name. docs/receive.md says how to run it, and what is in the environment.
//
// It belongs to whoever copies it, and imports nothing of seek-poller's.
package main

import (
	"context"
	"crypto/hmac"
	"crypto/sha512"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	_ "github.com/mattn/go-sqlite3"
)

// schema: the id is what makes the second delivery of an event do nothing. The profiles are the work.
const schema = `
CREATE TABLE IF NOT EXISTS events (id TEXT PRIMARY KEY, type TEXT NOT NULL, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS profiles (
  profile_id TEXT NOT NULL,
  event_id   TEXT NOT NULL REFERENCES events,
  hirer_id   TEXT,                        -- who may see the profile: nobody else's software may show it
  due        INTEGER,                     -- when to ask SEEK, in Unix seconds; NULL: never again
  tries      INTEGER NOT NULL DEFAULT 0,
  outcome    TEXT,                        -- stored, gone, or refused and SEEK's code
  profile    TEXT                         -- what SEEK answered: personal data
);
CREATE INDEX IF NOT EXISTS profiles_due ON profiles (due);`

type handler struct {
	db     *sql.DB
	secret []byte
	seek   *seek
	wake   chan struct{} // there may be a profile to ask for
}

func main() {
	log.SetFlags(0)
	syscall.Umask(0o077) // the database holds personal data
	if err := run(); err != nil {
		log.Fatal("handler: ", err)
	}
}

func run() error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	h, err := open()
	if err != nil {
		return err
	}
	defer h.db.Close()
	mux := http.NewServeMux()
	mux.HandleFunc("POST /seek", h.receive)
	server := &http.Server{Addr: os.Getenv("HANDLER_LISTEN"), Handler: mux, ReadTimeout: 30 * time.Second}
	failed := make(chan error, 1)
	go func() { failed <- server.ListenAndServe() }()
	worked := make(chan struct{})
	go func() { defer close(worked); h.work(ctx) }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	finish, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	err = server.Shutdown(finish) // the requests that are under way are answered
	<-worked
	return err
}

func open() (*handler, error) {
	for _, name := range []string{"HANDLER_LISTEN", "HANDLER_DATABASE", "HANDLER_SECRET_FILE", "SEEK_ENDPOINT", "SEEK_TOKEN_URL", "SEEK_AUDIENCE", "SEEK_CLIENT_ID", "SEEK_CLIENT_SECRET_FILE"} {
		if os.Getenv(name) == "" {
			return nil, fmt.Errorf("%s is not set", name)
		}
	}
	secret, err := readSecret("HANDLER_SECRET_FILE")
	if err != nil {
		return nil, err
	}
	if len(secret) < 16 {
		return nil, errors.New("the secret in HANDLER_SECRET_FILE is shorter than 16 bytes")
	}
	seek, err := newSeek()
	if err != nil {
		return nil, err
	}
	// FULL: what was answered with 2xx outlives a power cut.
	db, err := sql.Open("sqlite3", "file:"+os.Getenv("HANDLER_DATABASE")+"?_journal_mode=WAL&_synchronous=FULL&_txlock=immediate&_busy_timeout=5000")
	if err != nil {
		return nil, err
	}
	if _, err := db.Exec(schema); err != nil {
		return nil, fmt.Errorf("HANDLER_DATABASE: %w", err)
	}
	return &handler{db: db, secret: secret, seek: seek, wake: make(chan struct{}, 1)}, nil
}

// readSecret reads the file that a variable names, without the line's end that editors leave there.
func readSecret(variable string) ([]byte, error) {
	text, err := os.ReadFile(os.Getenv(variable))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", variable, err)
	}
	return []byte(strings.TrimRight(string(text), "\r\n")), nil
}

// receive answers 2xx only when the events are safe. What it says otherwise is shown to whoever looks into the failed delivery.
func (h *handler) receive(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<20))
	if err != nil {
		http.Error(w, "the body is cut off, or larger than 1 MiB", http.StatusRequestEntityTooLarge)
		return
	}
	if !h.signed(body, r.Header.Get("Seek-Signature")) {
		http.Error(w, "Seek-Signature does not fit the body", http.StatusUnauthorized)
		return
	}
	events, err := parse(body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	if err := h.store(r.Context(), events); err != nil {
		log.Print("events are not stored: ", err)
		http.Error(w, "the events cannot be stored now", http.StatusServiceUnavailable)
		return
	}
	w.WriteHeader(http.StatusNoContent)
	select {
	case h.wake <- struct{}{}:
	default: // it has been told already
	}
}

// signed looks at the body as it came, before anything trusts it enough to parse it. hmac.Equal takes the same time whatever it
// is given, so that nobody finds a signature out digit by digit.
func (h *handler) signed(body []byte, signature string) bool {
	mac := hmac.New(sha512.New, h.secret)
	mac.Write(body)
	return hmac.Equal([]byte(hex.EncodeToString(mac.Sum(nil))), []byte(signature))
}

type event struct {
	ID                            string
	Type                          string
	HirerID                       string
	CandidateApplicationProfileID string // of CandidateApplicationCreated
	CandidateProfileID            string // of CandidateProfilePurchased
	body                          string
}

// parse asks for no more than it needs: types that nobody has heard of yet are events too. Its errors quote nothing of the body.
func parse(body []byte) ([]event, error) {
	var delivery struct{ Events []json.RawMessage }
	if json.Unmarshal(body, &delivery) != nil || len(delivery.Events) == 0 {
		return nil, errors.New("the body is not JSON with a list of events")
	}
	var events []event
	for _, raw := range delivery.Events {
		e := event{body: string(raw)}
		if json.Unmarshal(raw, &e) != nil || e.ID == "" || e.Type == "" {
			return nil, errors.New("an event has no id or no type")
		}
		events = append(events, e)
	}
	return events, nil
}

// store is one transaction for the whole request: the events and the work that they make. Whatever happens before its commit, the
// events come again; after it they may come again too, and then make no work.
func (h *handler) store(ctx context.Context, events []event) error {
	tx, err := h.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	for _, e := range events {
		result, err := tx.Exec("INSERT INTO events (id, type, body) VALUES (?, ?, ?) ON CONFLICT DO NOTHING", e.ID, e.Type, e.body)
		if err != nil {
			return err
		}
		fresh, err := result.RowsAffected()
		if err != nil {
			return err
		}
		profile := e.CandidateApplicationProfileID + e.CandidateProfileID // one of them at most
		if fresh == 0 || profile == "" {
			continue
		}
		if _, err := tx.Exec("INSERT INTO profiles (profile_id, event_id, hirer_id, due) VALUES (?, ?, nullif(?, ''), 0)", profile, e.ID, e.HirerID); err != nil {
			return err
		}
	}
	return tx.Commit()
}
