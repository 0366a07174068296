package main

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha512"
	"encoding/hex"
	"net/http"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// sample is one of the handlers in docs/handlers.
type sample struct {
	name  string
	tools []string
	// command makes the handler's process; dir is for what has to be built first.
	command func(t *testing.T, dir string) *exec.Cmd
	exec    bool                                     // the daemon runs a program, and the process only asks for profiles
	read    func(t *testing.T, database string) kept // what it has stored
}

const handlersDir = "../../docs/handlers"

func samples() []sample {
	script := func(words ...string) func(*testing.T, string) *exec.Cmd {
		return func(t *testing.T, _ string) *exec.Cmd {
			words[len(words)-1] = filepath.Join(absolute(t, handlersDir), filepath.FromSlash(words[len(words)-1]))
			return exec.Command(words[0], words[1:]...)
		}
	}
	shellTools := []string{"bash", "openssl", "curl", "sqlite3", "jq"}
	return []sample{
		{name: "go", command: buildGoHandler, read: readDatabase},
		{name: "python", tools: []string{"python3"}, command: script("python3", "python/handler.py"), read: readDatabase},
		{name: "node", tools: []string{"node"}, command: script("node", "node/handler.mjs"), read: readJournal},
		{name: "shell", tools: append(shellTools, "socat"), command: script("bash", "shell/serve.sh"), read: readDatabase},
		{name: "shell exec", tools: shellTools, command: script("bash", "shell/profiles.sh"), read: readDatabase, exec: true},
	}
}

func buildGoHandler(t *testing.T, dir string) *exec.Cmd {
	t.Helper()
	program := filepath.Join(dir, "handler")
	if out, err := exec.Command("go", "build", "-o", program, handlersDir+"/go").CombinedOutput(); err != nil {
		t.Fatalf("build the handler: %v\n%s", err, out)
	}
	return exec.Command(program)
}

// TestHandlers runs each sample handler against the daemon, a process, and the simulated SEEK. Events come twice, answers get lost, handler and
// daemon are killed: at the end each event is stored once, and each candidate profile is there that SEEK would give.
func TestHandlers(t *testing.T) {
	t.Parallel()
	events, kills := 1000, 4
	if testing.Short() {
		events, kills = 150, 3
	}
	two := make(chan struct{}, 2) // at a time: each is several processes
	for _, s := range samples() {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			two <- struct{}{}
			defer func() { <-two }()
			for _, tool := range s.tools {
				needTool(t, tool)
			}
			h := newHandlerSite(t, s, events)
			h.startHandler()
			h.startDaemon()
			for n := range kills {
				h.await(func() bool { return h.stored() >= n*events/kills })
				h.killHandler()
				if n == 0 && !testing.Short() { // once, and early: what was being sent is sent again only after half a minute
					h.end(h.daemon)
					h.startDaemon()
				}
				h.startHandler()
				h.refuseForgeries()
			}
			h.awaitAll()
			h.stop()
			h.check()
		})
	}
}

// forgeries are requests that must leave no trace: the signature is made with a secret, and then told wrong.
func (h *handlerSite) forgeries() map[string]func() (body, signature string, want int) {
	const forged = `{"events":[{"id":"seekAnz:event:events:forged","type":"CandidateApplicationCreated","createDateTime":"2026-11-21T09:30:00.593Z","candidateApplicationProfileId":"p","candidateId":"c"}]}`
	signed := func(body string) string { return sign(secret, body) }
	as := func(body, signature string, want int) func() (string, string, int) {
		return func() (string, string, int) { return body, signature, want }
	}
	right := signed(forged)
	large := strings.Repeat(" ", 1<<20) + forged
	return map[string]func() (string, string, int){
		"no signature":              as(forged, "", 401),
		"another secret":            as(forged, sign(secret+"x", forged), 401),
		"signature of another body": as(forged, signed(forged+" "), 401),
		"signature cut off":         as(forged, right[:127], 401),
		"one digit wrong":           as(forged, right[:127]+flip(right[127]), 401),
		"upper case":                as(forged, strings.ToUpper(right), 401),
		"not JSON":                  as("{", signed("{"), 400),
		"no events":                 as(`{"events":[]}`, signed(`{"events":[]}`), 400),
		"events of another kind":    as(`{"events":["a",1,null]}`, signed(`{"events":["a",1,null]}`), 400),
		"no id":                     as(`{"events":[{"id":"","type":"x"}]}`, signed(`{"events":[{"id":"","type":"x"}]}`), 400),
		"too large":                 as(large, signed(large), 413),
	}
}

func flip(digit byte) string {
	if digit == '0' {
		return "1"
	}
	return "0"
}

func sign(secret, body string) string {
	mac := hmac.New(sha512.New, []byte(secret))
	mac.Write([]byte(body))
	return hex.EncodeToString(mac.Sum(nil))
}

// refuseForgeries sends them to the handler itself. What it says of them quotes nothing.
func (h *handlerSite) refuseForgeries() {
	h.t.Helper()
	if h.sample.exec {
		return // nobody can send it anything
	}
	for name, make := range h.forgeries() {
		body, signature, want := make()
		status, said, err := h.post([]byte(body), signature)
		if want == 413 && err != nil {
			continue // it may hang up before it has read everything
		}
		if err != nil || status != want || strings.Contains(said, "forged") {
			h.t.Errorf("%s: got %d %q (%v), want %d", name, status, said, err, want)
		}
	}
	client := http.Client{Timeout: 10 * time.Second}
	answer, err := client.Get("http://" + h.handlerAt + "/seek")
	if err != nil {
		h.t.Errorf("GET: %v", err)
		return
	}
	answer.Body.Close()
	if answer.StatusCode < 400 {
		h.t.Errorf("GET: got %d, want a refusal", answer.StatusCode)
	}
}

// post sends a body to the handler.
func (h *handlerSite) post(body []byte, signature string) (status int, said string, err error) {
	r, err := http.NewRequest(http.MethodPost, "http://"+h.handlerAt+"/seek", bytes.NewReader(body))
	if err != nil {
		return 0, "", err
	}
	r.Header.Set("Content-Type", "application/json")
	if signature != "" {
		r.Header.Set("Seek-Signature", signature)
	}
	answer, err := h.client.Do(r)
	if err != nil {
		return 0, "", err
	}
	defer answer.Body.Close()
	var text bytes.Buffer
	_, err = text.ReadFrom(answer.Body)
	return answer.StatusCode, text.String(), err
}
