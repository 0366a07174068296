package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"seekpoller/internal/admin"
	"seekpoller/store"
)

// TestDocumentedFeed runs every command of the document's section on the feed against a socket and a port, and its consumer.
func TestDocumentedFeed(t *testing.T) {
	needTool(t, "curl")
	needTool(t, "python3")
	blocks := feedBlocks(t)
	t.Chdir(t.TempDir())
	ids, s := storeWithEvents(t, 250)
	server := admin.NewServer(feedConfig(s))
	replace := serveFeed(t, server)
	for _, command := range blocks["shell"] {
		if strings.Contains(command, "curl") {
			checkFeedAnswer(t, replace.Replace(command), ids)
			continue
		}
		runShell(t, command)
		server.Use(feedConfig(s))
	}
	if len(blocks["shell"]) < 3 || len(blocks["python"]) != 1 {
		t.Fatalf("found %q", blocks)
	}
	consumer := replace.Replace(blocks["python"][0])
	got := append(consume(t, consumer, 130), consume(t, consumer, 130)...) // it is killed in the middle of an answer, and gets that again
	got = append(got, consume(t, consumer, 50)...)
	slices.Sort(got)
	if got = slices.Compact(got); !slices.Equal(got, ids) {
		t.Errorf("the consumer got %d of %d events", len(got), len(ids))
	}
}

func needTool(t *testing.T, name string) {
	t.Helper()
	if _, err := exec.LookPath(name); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatalf("CI must have %s", name)
		}
		t.Skipf("%s is not installed", name)
	}
}

// feedBlocks are the shell commands and the programs of the section.
func feedBlocks(t *testing.T) map[string][]string {
	t.Helper()
	text, err := os.ReadFile("../../docs/receive.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(text), "\n## Pull from us")
	section, _, found := strings.Cut(section, "\n## ")
	if !found {
		t.Fatal("the section is not there")
	}
	blocks := map[string][]string{}
	for i, part := range strings.Split(section, "```") {
		language, block, _ := strings.Cut(part, "\n")
		switch {
		case i%2 == 0:
		case language == "shell":
			blocks[language] = append(blocks[language], strings.Split(strings.TrimSpace(block), "\n")...)
		default:
			blocks[language] = append(blocks[language], block)
		}
	}
	return blocks
}

// storeWithEvents is a database that pages were saved into.
func storeWithEvents(t *testing.T, n int) (ids []string, s *store.Store) {
	t.Helper()
	ctx := context.Background()
	s, err := store.Open(ctx, "seek-poller.db", store.Options{Create: true, Started: store.ReadClock()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	c, _, err := s.EnsureLive(ctx, store.NewCursor{Stream: "all", Kind: "live", Fingerprint: "f"}, store.ReadClock())
	if err != nil {
		t.Fatal(err)
	}
	for len(ids) < n {
		q, err := s.TakeSlot(ctx, store.Ask{CursorID: c.ID, RequestID: "r", Selection: "ids", First: 50, Timeout: time.Second}, store.ReadClock())
		if err != nil {
			t.Fatal(err)
		}
		p := store.Page{State: store.Behind, More: true, Position: fmt.Sprint("p", q.ID)}
		for range 50 {
			id := fmt.Sprintf("seekAnz:event:events:%04d", len(ids))
			ids = append(ids, id)
			p.Events = append(p.Events, store.Event{ID: id, Type: "CandidateApplicationCreated", Scheme: "seekAnz"})
		}
		if _, err := s.SavePage(ctx, q, p, store.ReadClock()); err != nil {
			t.Fatal(err)
		}
	}
	return ids, s
}

// feedConfig has the token that the document's commands made, if they did already.
func feedConfig(s *store.Store) admin.Config {
	token, _ := os.ReadFile("feed-token")
	return admin.Config{Store: s, Now: store.ReadClock, Envelope: envelopeOf, FeedToken: strings.TrimSpace(string(token))}
}

// serveFeed answers on a socket and a port in place of the document's.
func serveFeed(t *testing.T, server *admin.Server) *strings.Replacer {
	t.Helper()
	socket := filepath.Join(t.TempDir(), "admin.sock")
	l, err := admin.ListenSocket(socket, "")
	if err != nil {
		t.Fatal(err)
	}
	port, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	for l, h := range map[net.Listener]http.Handler{l: server.Socket(), port: server.Port()} {
		ctx, cancel := context.WithCancel(context.Background())
		done := make(chan error, 1)
		go func() { done <- admin.Serve(ctx, l, h) }()
		t.Cleanup(func() {
			cancel()
			if err := <-done; err != nil {
				t.Error(err)
			}
		})
	}
	return strings.NewReplacer("/run/seek-poller/admin.sock", socket, "127.0.0.1:9477", port.Addr().String())
}

func checkFeedAnswer(t *testing.T, command string, ids []string) {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "sh", "-c", command).CombinedOutput()
	var feed struct {
		Events []struct{ ID, Type string }
		Next   int
		More   bool
	}
	if err == nil {
		err = json.Unmarshal(out, &feed)
	}
	if err != nil || len(feed.Events) == 0 || feed.Next == 0 || feed.Events[len(feed.Events)-1].ID != ids[feed.Next-1] {
		t.Errorf("%s: %v\n%s", command, err, out)
	}
}

// consume runs the document's consumer until it has printed so many events, and kills it.
func consume(t *testing.T, program string, n int) (ids []string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "python3", "-c", program)
	stderr := new(output)
	cmd.Stderr = stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for lines := bufio.NewScanner(out); len(ids) < n && lines.Scan(); {
		id, _, _ := strings.Cut(lines.Text(), " ")
		ids = append(ids, id)
	}
	if len(ids) < n {
		t.Errorf("it ended after %d events: %s", len(ids), stderr.String())
	}
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
	return ids
}
