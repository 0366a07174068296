package main

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"seekpoller/internal/admin"
	"seekpoller/store"
)

// hostileName would run in a browser, retitle a terminal, clear it in one byte of C1, and hide in an invisible letter.
const hostileName = "<script>alert(1)</script>\u001b]0;x\u0007\u009b2J\U000e0041"

// hostileDatabase is one in which every text that comes from SEEK or a receiver is hostile.
func hostileDatabase(t testing.TB) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "hostile.db")
	noon := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	now := store.Instant{Wall: noon, Boot: time.Hour, BootID: "boot"}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	s, err := store.Open(t.Context(), path, store.Options{Create: true, Started: now})
	must(err)
	must(s.SyncDestinations(t.Context(), []store.DestinationSpec{{Name: "ats", Kind: "webhook"}}, noon))
	c, _, err := s.EnsureLive(t.Context(), store.NewCursor{Stream: "applications", Fingerprint: "f"}, now)
	must(err)
	ask := store.Ask{CursorID: c.ID, RequestID: "r", Selection: "ids", First: 100, Interval: time.Nanosecond, Timeout: time.Second}
	q, err := s.TakeSlot(t.Context(), ask, now)
	must(err)
	identifiers, err := json.Marshal(map[string]string{"candidateId": hostileName})
	must(err)
	e := store.Event{ID: hostileName, Type: hostileName, Scheme: hostileName, StreamedAt: noon, HirerID: hostileName, Identifiers: identifiers, Unreadable: hostileName, Node: []byte(canary), Destinations: []string{"ats"}}
	_, err = s.SavePage(t.Context(), q, store.Page{Events: []store.Event{e}, Position: hostileName, State: store.CaughtUp}, now)
	must(err)
	claimed, err := s.Claim(t.Context(), "ats", 1, time.Minute, noon)
	must(err)
	_, err = s.Settle(t.Context(), "ats", []store.Settlement{{Seq: claimed[0].Event.Seq, Attempt: 1, Outcome: store.Retry, DueAt: noon.Add(time.Minute), StartedAt: noon, EndedAt: noon, Detail: hostileName, RequestID: hostileName}}, noon)
	must(err)
	now.Wall, now.Boot = now.Wall.Add(time.Second), now.Boot+time.Second
	q, err = s.TakeSlot(t.Context(), ask, now)
	must(err)
	must(s.Fail(t.Context(), q, store.Failure{Kind: "bad_cursor", Message: hostileName}, now))
	must(s.Park(t.Context(), "ats", hostileName, noon))
	must(s.Close())
	return path
}

// TestHostileTextInVerbs: what SEEK or a receiver says moves nobody's terminal, in a table or in JSON, and JSON says it in full.
func TestHostileTextInVerbs(t *testing.T) {
	path := hostileDatabase(t)
	for _, args := range [][]string{
		{"status"}, {"cursors", "list"}, {"cursors", "history"}, {"events", "list"}, {"events", "show", hostileName}, {"events", "explain", hostileName}, {"events", "explain", "--candidate", hostileName},
		{"events", "list", "--hirer", hostileName}, {"deliveries", "list"}, {"deliveries", "list", "--type", hostileName}, {"deliveries", "attempts", hostileName}, {"destinations", "list"}, {"actions"},
		{"events", "show", hostileName + "2"}, {"events", "explain", "--hirer", hostileName + "2"}, {"events", "list", "--stream", hostileName}, {"events", "list", "--since", hostileName},
	} {
		for _, format := range []string{"table", "json"} {
			code, stdout, stderr := cli(t, append(args, "-o", format, "--database", path)...)
			if code == exitNoDaemon {
				t.Errorf("%v was not tried: %s", args, stderr)
			}
			if text := stdout + stderr; strings.ContainsAny(text, "\x1b\a\u009b\U000e0041") || strings.Contains(text, canary) {
				t.Errorf("%v -o %s moves the terminal, or shows the payload:\n%q", args, format, text)
			}
		}
	}
	var list admin.Events
	readJSON(t, &list, "events", "list", "--database", path)
	if len(list.Events) != 1 || list.Events[0].ID != hostileName {
		t.Errorf("JSON says %+v", list)
	}
}
