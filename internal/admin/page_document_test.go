package admin_test

import (
	"fmt"
	"slices"
	"strings"

	"golang.org/x/net/html"
)

// mistakesOf is what keeps a page from being sound: for people without a mouse or without sight, and for everybody's browser.
func mistakesOf(doc *html.Node) (all []string) {
	say := func(format string, args ...any) { all = append(all, fmt.Sprintf(format, args...)) }
	ids, count := map[string]bool{}, map[string]int{}
	for n := range doc.Descendants() {
		if id := attr(n, "id"); id != "" {
			if ids[id] {
				say("the id %q is there twice", id)
			}
			ids[id] = true
		}
		if n.Type == html.ElementNode {
			count[n.Data]++
		}
	}
	for _, once := range []string{"h1", "main", "header", "footer", "title"} {
		if once != "title" && count[once] != 1 || count[once] == 0 {
			say("%d elements %s", count[once], once)
		}
	}
	for n := range doc.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		if !slices.Contains(elements, n.Data) {
			say("an element %s", n.Data)
		}
		for _, a := range n.Attr {
			if !slices.Contains(attributes, a.Key) {
				say("an attribute %s of %s", a.Key, n.Data)
			}
			if slices.Contains([]string{"for", "aria-labelledby", "aria-describedby"}, a.Key) {
				for _, id := range strings.Fields(a.Val) {
					if !ids[id] {
						say("%s of %s names %q, which is not there", a.Key, n.Data, id)
					}
				}
			}
			if a.Key == "href" && !strings.HasPrefix(a.Val, "/") && !ids[strings.TrimPrefix(a.Val, "#")] {
				say("a link to %q", a.Val)
			}
		}
		all = append(all, mistakesIn(n, ids)...)
	}
	return all
}

// elements and attributes are all that the templates have.
var (
	elements = strings.Fields(`html head meta title link body a header footer nav main form label input select option button section h1 h2 p ul li ol dl dt dd div span br code
		svg circle path rect g use defs text desc time table caption thead tbody tr th td meter details summary abbr pre`)
	attributes = strings.Fields(`lang charset name content http-equiv rel href type class id viewbox width height aria-hidden aria-label aria-labelledby aria-describedby role tabindex
		cx cy r d x y dx dy rx text-anchor for value placeholder autocomplete spellcheck action method selected step datetime title scope colspan
		min max low high optimum viewBox`)
)

func mistakesIn(n *html.Node, ids map[string]bool) (all []string) {
	say := func(format string, args ...any) { all = append(all, fmt.Sprintf(format, args...)) }
	switch n.Data {
	case "table":
		if find(n, "caption") == nil || find(n, "th") == nil {
			say("a table without caption or headers: %.60s", text(n))
		}
	case "th":
		if s := attr(n, "scope"); s != "col" && s != "row" {
			say("a header of scope %q", s)
		}
	case "svg":
		if attr(n, "role") != "img" && attr(n, "aria-hidden") != "true" {
			say("a picture that is neither named nor hidden")
		}
	case "input", "select":
		if !hasLabel(n) {
			say("a field %s without a label", attr(n, "name"))
		}
	case "time":
		if !strings.HasSuffix(attr(n, "datetime"), "Z") {
			say("a time %q", attr(n, "datetime"))
		}
	}
	return all
}

func hasLabel(field *html.Node) bool {
	root := field
	for root.Parent != nil {
		root = root.Parent
	}
	for n := range root.Descendants() {
		if n.Data == "label" && attr(n, "for") == attr(field, "id") {
			return true
		}
	}
	return false
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func find(n *html.Node, name string) *html.Node {
	for d := range n.Descendants() {
		if d.Data == name && d.Type == html.ElementNode {
			return d
		}
	}
	return nil
}

func text(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data)
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}
