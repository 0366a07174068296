package admin_test

import (
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
)

// TestBrowser is a person at the page: what is wrong, why, where is that application, and all of it at night, on a phone, and without a mouse.
func TestBrowser(t *testing.T) {
	if testing.Short() {
		t.Skip("a browser takes long to start")
	}
	sc := newScene(t)
	sc.play()
	web := httptest.NewServer(sc.server().Port())
	defer web.Close()
	b := newBrowser(t)
	for name, test := range map[string]func(*browser, *scene, string){"work": work, "schemes and sizes": schemesAndSizes, "keyboard": keyboard} {
		t.Run(name, func(t *testing.T) {
			b.t = t
			test(b, sc, web.URL)
			b.checkQuiet(web.URL)
		})
	}
	b.t = t
}

// work is the way from what is wrong to why, and from an id to what became of it.
func work(b *browser, sc *scene, home string) {
	t := b.t
	b.window(1200, 900, "light")

	b.visit(home + "/")
	if got := b.text("h1"); got != "2 things need a person" {
		t.Errorf("the state is %q", got)
	}
	if got := b.text("main table tbody tr"); !strings.Contains(got, "applications") || !strings.Contains(got, "caught up and quiet") {
		t.Errorf("the first stream is %q", got)
	}
	b.window(1200, 1040, "light")
	b.screenshot("home", false)
	b.screenshot("home-whole", true)

	b.leave(func() { b.evaluate(`document.querySelector("section[aria-labelledby=dead] td a").click()`, nil) })
	story := b.text(".story")
	for _, want := range []string{"SEEK put it on its stream", "ats: attempt 1 failed, and it was given up", "unknown job reference"} {
		if !strings.Contains(story, want) {
			t.Errorf("the timeline of a dead letter does not say %q:\n%s", want, story)
		}
	}
	b.screenshot("event", true)

	b.search("seekAnz:candidate:feed:000001")
	if got := b.text("main table tbody"); strings.Count(got, "CandidateApplicationCreated") != 1 || !strings.Contains(got, "seekAnz:candidate:feed:000001") {
		t.Errorf("the search by candidate shows %q", got)
	}
	b.screenshot("search", true)
	b.search("no such id")
	if got := b.text("main .empty"); !strings.Contains(got, "Nothing is stored under no such id") {
		t.Errorf("the search for nothing shows %q", got)
	}
}

// search types an id into the box and presses Enter, without a mouse.
func (b *browser) search(id string) {
	b.t.Helper()
	b.evaluate(`document.querySelector("#q").focus(); document.querySelector("#q").select()`, nil)
	b.call("Input.insertText", map[string]any{"text": id}, nil)
	b.leave(func() { b.key("Enter", 13) })
}

// schemesAndSizes: every page is readable at night, and on a phone nothing but tables and charts is scrolled sideways.
func schemesAndSizes(b *browser, sc *scene, home string) {
	t := b.t
	backgrounds := map[string]string{}
	for _, scheme := range []string{"light", "dark"} {
		for _, width := range []int{1200, 360} {
			b.window(width, 800, scheme)
			for i, path := range sc.everyPage() {
				if width > 360 && i > 0 {
					break // what fits a phone fits a desk
				}
				b.visit(home + path)
				var page struct {
					Inner, Scroll int
					Scripts       int
					Background    string
				}
				b.evaluate(`({Inner: innerWidth, Scroll: document.documentElement.scrollWidth, Scripts: document.scripts.length, Background: getComputedStyle(document.documentElement).backgroundColor})`, &page)
				if page.Scroll > page.Inner || page.Inner != width {
					t.Errorf("%s at %d pixels is %d wide", path, width, page.Scroll)
				}
				if page.Scripts != 0 {
					t.Errorf("%s has %d scripts", path, page.Scripts)
				}
				backgrounds[scheme] = page.Background
				if path == "/" || strings.HasPrefix(path, "/event") {
					b.screenshot(fmt.Sprintf("%s-%d-%d", scheme, width, i), true)
				}
			}
		}
	}
	if backgrounds["light"] != "rgb(255, 255, 255)" || backgrounds["dark"] == backgrounds["light"] {
		t.Errorf("backgrounds %v", backgrounds)
	}
}

// keyboard: the first stop is the way past the header, and what has the focus is seen.
func keyboard(b *browser, _ *scene, home string) {
	t := b.t
	b.window(1200, 900, "light")
	b.visit(home + "/")
	var focus struct {
		Text, Outline string
		Left          float64
	}
	look := `(() => { const e = document.activeElement, s = getComputedStyle(e); return {Text: e.innerText, Outline: s.outlineStyle + " " + s.outlineWidth, Left: e.getBoundingClientRect().left} })()`
	b.key("Tab", 9)
	b.evaluate(look, &focus)
	if focus.Text != "Skip to the content" || focus.Left < 0 || focus.Outline != "solid 3px" {
		t.Errorf("the first stop is %+v", focus)
	}
	b.key("Enter", 13)
	var at string
	b.evaluate(`document.activeElement.id + location.hash`, &at)
	if at != "main#main" {
		t.Errorf("it leads to %q", at)
	}
	for range 3 {
		b.key("Tab", 9)
		b.evaluate(look, &focus)
		if !strings.HasPrefix(focus.Outline, "solid") {
			t.Errorf("a stop that is not seen: %+v", focus)
		}
	}
}
