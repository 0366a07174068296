package admin_test

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// browser is a headless Chromium, driven over two pipes by its DevTools protocol: one JSON object a message, each ended by a zero byte.
// https://chromedevtools.github.io/devtools-protocol/
type browser struct {
	t       *testing.T
	to      *os.File
	from    *os.File
	read    *bufio.Reader
	session string
	asked   int
	loads   int      // pages that were loaded
	urls    []string // that were asked for
	console []string // what the console would show
}

// message is a call, its answer or an event.
type message struct {
	ID     int             `json:"id,omitempty"`
	Method string          `json:"method,omitempty"`
	Params any             `json:"params,omitempty"`
	On     string          `json:"sessionId,omitempty"`
	Result json.RawMessage `json:"result,omitempty"`
	Error  json.RawMessage `json:"error,omitempty"`
}

// newBrowser starts one, or skips the test if there is none to start. In CI there must be one.
func newBrowser(t *testing.T) *browser {
	t.Helper()
	path, err := chromium()
	if err != nil && os.Getenv("CI") == "" {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	reads, to, err1 := os.Pipe()
	from, writes, err2 := os.Pipe()
	if err := errors.Join(err1, err2); err != nil {
		t.Fatal(err)
	}
	home := t.TempDir()
	cmd := exec.Command(path, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking", "--disable-component-update",
		"--disable-sync", "--no-first-run", "--hide-scrollbars", "--remote-debugging-pipe", "--user-data-dir="+home)
	cmd.Env = append(os.Environ(), "HOME="+home)
	cmd.ExtraFiles = []*os.File{reads, writes}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	reads.Close()
	writes.Close()
	b := &browser{t: t, to: to, from: from, read: bufio.NewReader(from)}
	t.Cleanup(func() {
		b.session = ""
		_ = b.send("Browser.close", nil)
		to.Close()
		_ = cmd.Wait() // it ends when its pipe does
		from.Close()
	})
	b.attach()
	return b
}

func chromium() (string, error) {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable"} {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", errors.New("no browser on this machine: apt-get install chromium")
}

func (b *browser) attach() {
	b.t.Helper()
	var target struct{ TargetID string }
	b.call("Target.createTarget", map[string]any{"url": "about:blank"}, &target)
	var attached struct{ SessionID string }
	b.call("Target.attachToTarget", map[string]any{"targetId": target.TargetID, "flatten": true}, &attached)
	b.session = attached.SessionID
	for _, domain := range []string{"Page", "Network", "Log", "Runtime"} {
		b.call(domain+".enable", nil, nil)
	}
}

func (b *browser) send(method string, params any) error {
	b.asked++
	text, err := json.Marshal(message{ID: b.asked, Method: method, Params: params, On: b.session})
	if err == nil {
		_, err = b.to.Write(append(text, 0))
	}
	return err
}

// call asks the browser, and decodes its answer into out.
func (b *browser) call(method string, params, out any) {
	b.t.Helper()
	if err := b.send(method, params); err != nil {
		b.t.Fatalf("%s: %v", method, err)
	}
	for id := b.asked; ; {
		m := b.next()
		if m.ID != id {
			continue
		}
		if m.Error != nil {
			b.t.Fatalf("%s: %s", method, m.Error)
		}
		if out != nil {
			if err := json.Unmarshal(m.Result, out); err != nil {
				b.t.Fatalf("%s: %v", method, err)
			}
		}
		return
	}
}

// next reads one message, and notes what it says of the page.
func (b *browser) next() message {
	b.t.Helper()
	_ = b.from.SetReadDeadline(time.Now().Add(time.Minute))
	text, err := b.read.ReadBytes(0)
	if err != nil {
		b.t.Fatalf("the browser says nothing more: %v", err)
	}
	text = text[:len(text)-1]
	var m message
	if err := json.Unmarshal(text, &m); err != nil {
		b.t.Fatalf("the browser says %.200s: %v", text, err)
	}
	b.note(m.Method, text)
	return m
}

func (b *browser) note(method string, text []byte) {
	switch method {
	case "Page.loadEventFired":
		b.loads++
	case "Network.requestWillBeSent":
		var m struct {
			Params struct{ Request struct{ URL string } }
		}
		_ = json.Unmarshal(text, &m)
		b.urls = append(b.urls, m.Params.Request.URL)
	case "Log.entryAdded", "Runtime.consoleAPICalled", "Runtime.exceptionThrown":
		b.console = append(b.console, string(text))
	}
}

// visit loads a page.
func (b *browser) visit(url string) {
	b.t.Helper()
	b.leave(func() { b.call("Page.navigate", map[string]any{"url": url}, nil) })
}

// leave does what leads to another page, and waits until it is there.
func (b *browser) leave(do func()) {
	b.t.Helper()
	before := b.loads
	do()
	for b.loads == before {
		b.next()
	}
}

// evaluate runs JavaScript in the page, which has none of its own, and decodes the value into out.
func (b *browser) evaluate(script string, out any) {
	b.t.Helper()
	var answer struct {
		Result           struct{ Value json.RawMessage }
		ExceptionDetails json.RawMessage
	}
	b.call("Runtime.evaluate", map[string]any{"expression": script, "returnByValue": true}, &answer)
	if answer.ExceptionDetails != nil {
		b.t.Fatalf("%s: %s", script, answer.ExceptionDetails)
	}
	if out == nil {
		return
	}
	if err := json.Unmarshal(answer.Result.Value, out); err != nil {
		b.t.Fatalf("%s: %v", script, err)
	}
}

// text is what an element shows.
func (b *browser) text(selector string) string {
	b.t.Helper()
	var s string
	b.evaluate(fmt.Sprintf(`(document.querySelector(%q) || {innerText: "nothing at " + %q}).innerText`, selector, selector), &s)
	return s
}

// key presses and releases a key that has this name and these numbers.
func (b *browser) key(name string, code int) {
	b.t.Helper()
	text := ""
	if name == "Enter" {
		text = "\r"
	}
	b.call("Input.dispatchKeyEvent", map[string]any{"type": "keyDown", "key": name, "code": name, "windowsVirtualKeyCode": code, "text": text}, nil)
	b.call("Input.dispatchKeyEvent", map[string]any{"type": "keyUp", "key": name, "code": name, "windowsVirtualKeyCode": code}, nil)
}

// window sets the size, and the scheme of colours that the person prefers.
func (b *browser) window(width, height int, scheme string) {
	b.t.Helper()
	b.call("Emulation.setDeviceMetricsOverride", map[string]any{"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600}, nil)
	b.call("Emulation.setEmulatedMedia", map[string]any{"features": []map[string]string{{"name": "prefers-color-scheme", "value": scheme}}}, nil)
}

// screenshot keeps a picture of the window, or of the whole page, in the directory SCREENSHOTS, or among the test's artifacts (go test -artifacts).
func (b *browser) screenshot(name string, whole bool) {
	b.t.Helper()
	var shot struct{ Data string }
	b.call("Page.captureScreenshot", map[string]any{"format": "png", "captureBeyondViewport": whole}, &shot)
	picture, err := base64.StdEncoding.DecodeString(shot.Data)
	if err != nil {
		b.t.Fatal(err)
	}
	dir := os.Getenv("SCREENSHOTS")
	if dir == "" {
		dir = b.t.ArtifactDir()
	}
	if err := os.WriteFile(filepath.Join(dir, name+".png"), picture, 0o644); err != nil {
		b.t.Fatal(err)
	}
}

// checkQuiet fails the test if a page asked for anything elsewhere, or had anything to say on the console.
func (b *browser) checkQuiet(home string) {
	b.t.Helper()
	for _, url := range b.urls {
		if !strings.HasPrefix(url, home+"/") && url != "about:blank" && !strings.HasPrefix(url, "data:") {
			b.t.Errorf("the page asked for %s", url)
		}
	}
	for _, line := range b.console {
		b.t.Errorf("the console shows %s", line)
	}
}
