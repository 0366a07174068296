package main

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"time"

	"github.com/google/uuid"
)

// work goes through what is due, one profile after the other, beside the requests and never in one: seek-poller waits for an answer, and
// SEEK may take its time. All that it knows is in the table, so it may be killed anywhere: it asks SEEK once more then.
func (h *handler) work(ctx context.Context) {
	for ctx.Err() == nil {
		found, err := h.next(ctx)
		switch {
		case ctx.Err() != nil:
		case err != nil:
			log.Print("a profile is asked for again later: ", err)
			sleep(ctx, 5*time.Second, nil)
		case !found:
			sleep(ctx, 5*time.Second, h.wake)
		}
	}
}

func sleep(ctx context.Context, d time.Duration, wake <-chan struct{}) {
	select {
	case <-ctx.Done():
	case <-wake:
	case <-time.After(d):
	}
}

// next asks for the profile that has been due longest. One that SEEK does not answer is put off, so that it does not stand in the way.
func (h *handler) next(ctx context.Context) (found bool, err error) {
	var row, tries int
	var id string
	err = h.db.QueryRow("SELECT rowid, profile_id, tries FROM profiles WHERE due <= ? ORDER BY due LIMIT 1", time.Now().Unix()).Scan(&row, &id, &tries)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	profile, outcome, err := h.seek.profile(ctx, id)
	if ctx.Err() != nil {
		return true, ctx.Err() // told to stop: it is still due
	}
	if err != nil {
		due := time.Now().Add(min(5*time.Second<<min(tries, 10), time.Hour)).Unix()
		_, failed := h.db.Exec("UPDATE profiles SET due = ?, tries = tries + 1 WHERE rowid = ?", due, row)
		return true, errors.Join(err, failed)
	}
	_, err = h.db.Exec("UPDATE profiles SET due = NULL, outcome = ?, profile = nullif(?, '') WHERE rowid = ?", outcome, profile, row)
	return true, err
}

// seek is what a client of SEEK's has: credentials, and a token that is kept for its life.
type seek struct {
	endpoint, tokenURL string
	credentials        []byte // the body of a token request
	http               *http.Client
	session            string
	token              string
	expires            time.Time // of the token, less a minute for clocks and slow answers
}

const userAgent = "example-handler/1.0" // yours: SEEK wants to know who asks

// question: select what you show, and no more. SEEK's schema has more to offer (https://developer.seek.com/schema/query/candidateProfile).
const question = `query ($id: String!) {
  candidateProfile(id: $id) {
    profileId { value }
    createDateTime
    candidate { documentId { value } person { name { formattedName } communication { email { address } phone { formattedNumber } } } }
    attachments { seekRoleCode url }
  }
}`

func newSeek() (*seek, error) {
	secret, err := readSecret("SEEK_CLIENT_SECRET_FILE")
	if err != nil {
		return nil, err
	}
	credentials, err := json.Marshal(map[string]string{"audience": os.Getenv("SEEK_AUDIENCE"), "client_id": os.Getenv("SEEK_CLIENT_ID"),
		"client_secret": string(secret), "grant_type": "client_credentials"})
	if err != nil {
		return nil, err
	}
	return &seek{
		endpoint: os.Getenv("SEEK_ENDPOINT"), tokenURL: os.Getenv("SEEK_TOKEN_URL"), credentials: credentials, session: uuid.NewString(),
		// A redirect would take token or secret to who knows where.
		http: &http.Client{Timeout: 30 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }},
	}, nil
}

type answer struct {
	Data   struct{ CandidateProfile json.RawMessage }
	Errors []struct{ Extensions struct{ Code string } }
}

// profile asks for one profile. An error is for later; everything else is SEEK's last word: stored, gone, or refused.
func (s *seek) profile(ctx context.Context, id string) (profile, outcome string, err error) {
	a, err := s.ask(ctx, id)
	if err != nil {
		return "", "", err
	}
	profile, code := string(a.Data.CandidateProfile), ""
	if len(a.Errors) > 0 {
		code = a.Errors[0].Extensions.Code
	}
	switch {
	case profile != "" && profile != "null":
		return profile, "stored", nil
	case profile == "null" && len(a.Errors) == 0:
		return "", "gone", nil // the candidate has deleted it, or it is too old
	case code == "FORBIDDEN", code == "NOT_FOUND", code == "BAD_USER_INPUT":
		return "", "refused: " + code, nil // asking again does not help; FORBIDDEN is for the hirer to mend
	}
	return "", "", fmt.Errorf("SEEK answered without a profile, code %.100q", code)
}

// ask sends the question. UNAUTHENTICATED may mean that the token has ended: it is asked again with a new one, once.
func (s *seek) ask(ctx context.Context, id string) (a answer, err error) {
	body, err := json.Marshal(map[string]any{"query": question, "variables": map[string]string{"id": id}})
	if err != nil {
		return a, err
	}
	for range 2 {
		if s.token == "" || time.Now().After(s.expires) {
			if err := s.renew(ctx); err != nil {
				return a, err
			}
		}
		a = answer{}
		if err := s.post(ctx, s.endpoint, s.token, body, &a); err != nil {
			return a, err
		}
		if len(a.Errors) == 0 || a.Errors[0].Extensions.Code != "UNAUTHENTICATED" {
			break
		}
		s.token = ""
	}
	return a, nil
}

// renew gets a token. How long it lives is said each time, and may change.
func (s *seek) renew(ctx context.Context) error {
	var answer struct {
		AccessToken string `json:"access_token"`
		ExpiresIn   int    `json:"expires_in"`
	}
	asked := time.Now()
	if err := s.post(ctx, s.tokenURL, "", s.credentials, &answer); err != nil {
		return fmt.Errorf("get a token: %w", err)
	}
	if answer.AccessToken == "" {
		return errors.New("get a token: SEEK gave none; look at the client's credentials")
	}
	s.token, s.expires = answer.AccessToken, asked.Add(time.Duration(answer.ExpiresIn)*time.Second-time.Minute)
	return nil
}

// post sends JSON and reads JSON. GraphQL says in the body what is wrong, whatever the status is.
func (s *seek) post(ctx context.Context, url, token string, body []byte, into any) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("User-Agent", userAgent)
	if token != "" {
		r.Header.Set("Accept-Language", "en-AU")
		r.Header.Set("Authorization", "Bearer "+token)
		r.Header.Set("X-Request-Id", uuid.NewString()) // what SEEK's support asks for
		r.Header.Set("X-Session-Id", s.session)
	}
	answer, err := s.http.Do(r)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if json.NewDecoder(io.LimitReader(answer.Body, 1<<20)).Decode(into) != nil {
		return fmt.Errorf("HTTP %d without JSON", answer.StatusCode)
	}
	return nil
}
