package main

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// TestRooms holds the plan of the house: which package may know which.
func TestRooms(t *testing.T) {
	may := map[string][]string{
		"graphql":              nil,
		"store":                nil,
		"internal/config":      nil,
		"internal/simulator":   nil,
		"internal/powercut":    nil,
		"docs/handlers/go":     nil,
		"internal/admin":       {"store"},
		"internal/bulk":        {"store", "outbox", "internal/admin", "internal/simulator"},
		"internal/proof":       {"internal/simulator"},
		"internal/proof/sweep": nil,
		"outbox":               {"store"},
		"poller":               {"graphql", "store"},
		"cmd/seek-poller":      {"graphql", "store", "poller", "outbox", "internal/admin", "internal/config", "internal/simulator"},
	}
	out, err := exec.Command("go", "list", "-f", "{{.ImportPath}} {{join .Imports \" \"}}", "seekpoller/...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	seen := 0
	for line := range strings.Lines(string(out)) {
		words := strings.Fields(line)
		room := strings.TrimPrefix(words[0], "seekpoller/")
		allowed, known := may[room]
		if !known {
			t.Errorf("%s is not a room of the plan", room)
			continue
		}
		seen++
		for _, path := range words[1:] {
			if other, ours := strings.CutPrefix(path, "seekpoller/"); ours && !slices.Contains(allowed, other) {
				t.Errorf("%s imports %s; it may import only %v", room, other, allowed)
			}
		}
	}
	if seen != len(may) {
		t.Errorf("%d rooms found, want %d", seen, len(may))
	}
}
