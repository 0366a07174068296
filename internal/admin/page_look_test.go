package admin_test

import (
	"math"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// TestContrast measures the colours that stand on each other, in both schemes: text at 4.5:1, marks and borders of fields at 3:1.
// https://www.w3.org/TR/WCAG22/#contrast-minimum
func TestContrast(t *testing.T) {
	sheet, err := os.ReadFile("static/style.css")
	if err != nil {
		t.Fatal(err)
	}
	light, dark, found := strings.Cut(string(sheet), "@media (prefers-color-scheme: dark)")
	if !found {
		t.Fatal("there is no dark scheme")
	}
	for scheme, text := range map[string]string{"light": light, "dark": dark[:strings.Index(dark, "\n}\n")]} {
		colours := map[string][3]float64{}
		for _, m := range regexp.MustCompile(`--([a-z0-9-]+): #([0-9a-f]{6});`).FindAllStringSubmatch(text, -1) {
			n, _ := strconv.ParseUint(m[2], 16, 32)
			colours[m[1]] = [3]float64{float64(n >> 16), float64(n >> 8 & 255), float64(n & 255)}
		}
		if len(colours) < 24 {
			t.Fatalf("%s: only %d colours", scheme, len(colours))
		}
		measure := func(least float64, on string, names ...string) {
			for _, name := range names {
				a, ok1 := colours[name]
				b, ok2 := colours[on]
				if got := contrast(a, b); !ok1 || !ok2 || got < least {
					t.Errorf("%s: %s on %s is %.2f:1, want %.1f:1", scheme, name, on, got, least)
				}
			}
		}
		measure(4.5, "bg", "fg", "quiet", "link", "bad", "good", "warn")
		measure(4.5, "panel", "fg", "quiet", "link")
		measure(4.5, "bad-bg", "fg", "quiet", "bad")
		measure(4.5, "good-bg", "fg", "quiet", "good")
		measure(4.5, "warn-bg", "warn")
		measure(3, "bg", "found", "nothing", "failed", "open", "t0", "t1", "t2", "t3", "t4", "t5", "t6", "t7")
		measure(3, "panel", "nothing")
	}
}

func contrast(a, b [3]float64) float64 {
	x, y := luminance(a), luminance(b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

func luminance(c [3]float64) float64 {
	linear := func(v float64) float64 {
		if v /= 255; v <= 0.04045 {
			return v / 12.92
		}
		return math.Pow((v+0.055)/1.055, 2.4)
	}
	a, b, d := c[0], c[1], c[2]
	return 0.2126*linear(a) + 0.7152*linear(b) + 0.0722*linear(d)
}

// TestNoStyleWithoutTheSheet: the policy of the headers would leave out any style that is not in the sheet, so there is none.
func TestNoStyleWithoutTheSheet(t *testing.T) {
	for _, dir := range []string{"templates", "static"} {
		files, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			text, err := os.ReadFile(dir + "/" + file.Name())
			if err != nil {
				t.Fatal(err)
			}
			for _, wrong := range []string{" style=", "<style", "<script", "url(", "@import", "javascript:", " on"} {
				if wrong == " on" {
					if m := regexp.MustCompile(`<[^>]* on[a-z]+=`).Find(text); m != nil {
						t.Errorf("%s has %s", file.Name(), m)
					}
					continue
				}
				if strings.Contains(string(text), wrong) {
					t.Errorf("%s has %q", file.Name(), wrong)
				}
			}
		}
	}
}
