package graphql_test

import (
	"bytes"
	"encoding/json"
	"math/big"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"seekpoller/graphql"
)

// FuzzDecode: whatever comes over the wire there is a page or an error, never both and never neither. What is taken for a page says what another
// decoder reads in it, its nodes are cut out of the answer, and each error of the answer is a refusal of one of its events.
func FuzzDecode(f *testing.F) {
	f.Add([]byte(answer(node)))
	f.Add([]byte(answerWith(`,`+gqlError("FORBIDDEN", `["events","edges",0,"node","candidate"]`), node, `{}`)))
	f.Add([]byte(answerWith(`,`+gqlError("FORBIDDEN", `["events","edges",7,"node","candidate"]`), node)))
	f.Add([]byte(answerWith(`,"errors":null`, `null`)))
	f.Add([]byte(`{"data":{"events":{"edges":[{"cursor":"","node":0}],"pageInfo":{"hasNextPage":false}}}}`))
	f.Add([]byte(`{"data":{"events":{"edges":[{"cursor":"\ud800","node":"` + "\xff" + `","streamDateTime":"\u0000"}],"pageInfo":{"endCursor":null,"hasNextPage":true}}}}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		given := slices.Clone(body)
		page, err := graphql.Decode(body)
		if !bytes.Equal(body, given) {
			t.Fatal("the decoder wrote into the answer")
		}
		if (page == nil) == (err == nil) {
			t.Fatalf("got %v and %v, want one of the two", page, err)
		}
		if err != nil {
			checkWords(t, err)
			return
		}
		checkPage(t, body, page)
		checkSecondReader(t, body, page)
	})
}

// checkWords: an error says something, and no line of a log is more than a line for it.
func checkWords(t *testing.T, err error) {
	t.Helper()
	said := asError(t, err)
	if said.Kind == "" || said.Error() == "" || strings.ContainsFunc(said.Error(), unprintable) {
		t.Errorf("got kind %q and %q, want both, and nothing that moves a terminal", said.Kind, said.Error())
	}
}

func checkPage(t *testing.T, body []byte, page *graphql.Page) {
	t.Helper()
	faults, err := graphql.DecodeFaults(body)
	if err != nil {
		t.Fatalf("a page, but for its errors: %v", err)
	}
	at, refused := 0, 0
	for _, e := range page.Edges {
		next := bytes.Index(body[at:], e.Node)
		if next < 0 || len(e.Node) == 0 {
			t.Fatalf("node %q is not in the rest of the answer", e.Node)
		}
		at += next + len(e.Node)
		refused += len(e.Refused)
		for _, r := range e.Refused {
			if strings.ContainsFunc(r.Path+r.Code+r.Message, unprintable) {
				t.Errorf("a refusal moves the terminal: %q", r)
			}
		}
		if read := e.Event(); read.Unreadable == "" && (read.ID == "" || read.CreatedAt.IsZero()) {
			t.Errorf("nothing is amiss, but id is %q and the time %v", read.ID, read.CreatedAt)
		}
	}
	if refused != faults {
		t.Errorf("of %d errors %d are told", faults, refused)
	}
}

// checkSecondReader: what the strict decoder takes, a lenient one reads in the same way.
func checkSecondReader(t *testing.T, body []byte, page *graphql.Page) {
	t.Helper()
	var lenient struct {
		Data struct {
			Events struct {
				Edges []struct {
					Cursor string
					Node   json.RawMessage
				}
				PageInfo struct {
					EndCursor   string
					HasNextPage bool
				}
			}
		}
	}
	if err := json.Unmarshal(body, &lenient); err != nil {
		t.Fatalf("no other decoder takes it: %v", err)
	}
	events := lenient.Data.Events
	if events.PageInfo.EndCursor != page.EndCursor || events.PageInfo.HasNextPage != page.HasNextPage || len(events.Edges) != len(page.Edges) {
		t.Fatalf("got %q, %v and %d events, another decoder %+v", page.EndCursor, page.HasNextPage, len(page.Edges), events)
	}
	for i, e := range events.Edges {
		if e.Cursor != page.Edges[i].Cursor || !bytes.Equal(e.Node, page.Edges[i].Node) {
			t.Errorf("edge %d: got %q %q, another decoder %q %q", i, page.Edges[i].Cursor, page.Edges[i].Node, e.Cursor, e.Node)
		}
	}
}

// FuzzRetryAfter: never negative, never over a day, the longest of several, and a number of seconds exactly that number.
func FuzzRetryAfter(f *testing.F) {
	f.Add("120", "", "")
	f.Add("10000000000", "-1", "")
	f.Add("Sun, 01 Mar 2026 12:00:30 GMT", "5", "Sun, 01 Mar 2026 12:00:00 GMT")
	f.Add("Fri, 31 Dec 9999 23:59:59 GMT", " 60 ", "Mon, 01 Jan 0001 00:00:00 GMT")
	f.Fuzz(func(t *testing.T, one, two, date string) {
		got := graphql.RetryAfter(http.Header{"Retry-After": {one, two}, "Date": {date}})
		if got < 0 || got > 24*time.Hour {
			t.Errorf("%q, %q at %q: got %v", one, two, date, got)
		}
		first, second := graphql.RetryAfter(http.Header{"Retry-After": {one}, "Date": {date}}), graphql.RetryAfter(http.Header{"Retry-After": {two}, "Date": {date}})
		if got != max(first, second) {
			t.Errorf("%q, %q at %q: got %v together, %v and %v alone", one, two, date, got, first, second)
		}
		if want, seconds := ofDigits(one); seconds && first != want {
			t.Errorf("%q: got %v, want %v", one, first, want)
		}
	})
}

// ofDigits counts with numbers of any length; ok only for what is digits and nothing else.
func ofDigits(text string) (d time.Duration, ok bool) {
	if text == "" || strings.Trim(text, "0123456789") != "" {
		return 0, false
	}
	n, ok := new(big.Int).SetString(text, 10)
	if day := big.NewInt(24 * 3600); !ok || n.Cmp(day) > 0 {
		n = day
	}
	return time.Duration(n.Int64()) * time.Second, true
}

// FuzzGrant: of a token answer comes a token that can stand in a header, with a life of up to a day, or an error that quotes nothing of it.
func FuzzGrant(f *testing.F) {
	f.Add([]byte(`{"access_token":"token-CANARY-7f3a","expires_in":1800,"token_type":"Bearer"}`))
	f.Add([]byte(`{"access_token":"token-CANARY-7f3a","expires_in":"1e999"}`))
	f.Add([]byte(`{"access_token":"token-CANARY-7f3a\r\nX: y","expires_in":-0.5}`))
	f.Add([]byte(`{"access_token":"a","ACCESS_TOKEN":"token-CANARY-7f3a"}`))
	f.Add([]byte(`{"access_token":"token-CANARY-7f3a"} x`))
	f.Add([]byte(`{"access_token":"token-CANARY-7f3a","expires_in":1e-12}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		token, life, err := graphql.Grant(body)
		if (token == "") == (err == nil) || (life == 0) == (err == nil) {
			t.Fatalf("got %q for %v and %v", token, life, err)
		}
		if err != nil {
			if strings.Contains(err.Error(), "CANARY") || strings.ContainsFunc(err.Error(), unprintable) || len(err.Error()) > 200 {
				t.Errorf("got the error %q", err)
			}
			return
		}
		if life < 0 || life > graphql.LongestLife {
			t.Errorf("got a life of %v", life)
		}
		if strings.ContainsFunc(token, func(r rune) bool { return r <= ' ' || r > '~' }) {
			t.Errorf("the token %q can stand in no header", token)
		}
	})
}

func unprintable(r rune) bool { return !unicode.IsPrint(r) }
