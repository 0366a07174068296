package graphql_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"seekpoller/graphql"
)

// A page is what SEEK said, and each node is that byte for byte, whatever is in it.
func TestPage(t *testing.T) {
	odd := []string{
		node,
		`{ "id" : {"value":"x"},` + "\n\t" + `"id":{"value":"y"}, "Id":1e400, "n":12345678901234567890123 }`,
		"{\"id\":{\"value\":\"bad \xff\xfe utf-8\"}}",
		`{"lone":"\ud800","escaped":"\u0041\/"}`,
		`"only text"`, `17`, `[]`, `false`, `{}`,
		strings.Repeat(`[`, 500) + strings.Repeat(`]`, 500),
	}
	page, err := graphql.Decode([]byte(" " + answerWith(`,"extensions":{"requestLatency":1},"new":{}`, odd...) + "\n"))
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range odd {
		if got := string(page.Edges[i].Node); got != want {
			t.Errorf("node %d: got %q, want %q", i, got, want)
		}
	}
	if got, want := page.Edges[1].Cursor, "c1"; got != want {
		t.Errorf("got cursor %q, want %q", got, want)
	}
	if got, want := page.Edges[1].StreamDateTime, time.Date(2026, 5, 1, 10, 11, 13, 5e8, time.UTC); got != want {
		t.Errorf("got time %v, want %v", got, want)
	}
	if page.EndCursor != "c-end" || !page.HasNextPage || page.Status != 200 {
		t.Errorf("got %q, %t, %d, want c-end, true, 200", page.EndCursor, page.HasNextPage, page.Status)
	}
}

// A node must not be able to grow over its neighbour.
func TestNodeIsCutOff(t *testing.T) {
	page, err := graphql.Decode([]byte(answer(`{"a":1}`, `{"b":2}`, node)))
	if err != nil {
		t.Fatal(err)
	}
	_ = append(page.Edges[0].Node, strings.Repeat("X", 100)...)
	if got, want := string(page.Edges[1].Node), `{"b":2}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// What is allowed to be missing or odd does not cost the page.
func TestTolerated(t *testing.T) {
	for name, body := range map[string]string{
		"no events, null endCursor":  `{"data":{"events":{"edges":[],"pageInfo":{"endCursor":null,"hasNextPage":false}}}}`,
		"no endCursor":               `{"data":{"events":{"edges":[],"pageInfo":{"hasNextPage":false}}}}`,
		"pageInfo first":             `{"data":{"events":{"pageInfo":{"hasNextPage":false,"x":1},"x":[{}],"edges":[]}}}`,
		"errors first, and none":     `{"errors":[],"data":{"events":{"edges":[],"pageInfo":{"hasNextPage":false}}}}`,
		"errors null":                `{"errors":null,"data":{"events":{"edges":[],"pageInfo":{"hasNextPage":false}}}}`,
		"escaped names":              `{"d\u0061ta":{"events":{"edges":[],"p\u0061geInfo":{"hasNextPage":false}}}}`,
		"a stream time that is none": `{"data":{"events":{"edges":[{"cursor":"c","node":{},"streamDateTime":"yesterday"}],"pageInfo":{"hasNextPage":false}}}}`,
		"a stream time of a number":  `{"data":{"events":{"edges":[{"cursor":"c","node":{},"streamDateTime":7}],"pageInfo":{"hasNextPage":false}}}}`,
		"no stream time":             `{"data":{"events":{"edges":[{"cursor":"c","node":{}}],"pageInfo":{"hasNextPage":false}}}}`,
	} {
		page, err := graphql.Decode([]byte(body))
		if err != nil {
			t.Errorf("%s: got %v, want a page", name, err)
			continue
		}
		if page.EndCursor != "" || page.HasNextPage || (len(page.Edges) == 1 && !page.Edges[0].StreamDateTime.IsZero()) {
			t.Errorf("%s: got %+v, want zero values", name, page)
		}
	}
}

// In the envelope nothing is guessed: each row is one doubt, and each is an error.
func TestEnvelopeIsStrict(t *testing.T) {
	whole := answer(node)
	change := func(from, to string) string {
		if !strings.Contains(whole, from) {
			t.Fatalf("the answer has no %s", from)
		}
		return strings.Replace(whole, from, to, 1)
	}
	for name, body := range map[string]string{
		"endCursor twice":              change(`"endCursor":"c-end"`, `"endCursor":"c-end","endCursor":"other"`),
		"endCursor in capitals":        change(`"endCursor":"c-end"`, `"endCursor":"c-end","ENDCURSOR":"other"`),
		"only in capitals":             change(`"hasNextPage"`, `"HasNextPage"`),
		"endCursor twice, escaped":     change(`"endCursor":"c-end"`, `"endCursor":"c-end","end\u0043ursor":"other"`),
		"endCursor of a number":        change(`"c-end"`, `7`),
		"endCursor not UTF-8":          change(`c-end`, "c\xff"),
		"endCursor of half a rune":     change(`c-end`, `c\ud800`),
		"name not UTF-8":               change(`"endCursor"`, "\"end\xff\":1,\"endCursor\""),
		"hasNextPage of text":          change(`"hasNextPage":true`, `"hasNextPage":"true"`),
		"hasNextPage null":             change(`"hasNextPage":true`, `"hasNextPage":null`),
		"hasNextPage missing":          change(`,"hasNextPage":true`, ``),
		"pageInfo null":                change(pageInfo, `"pageInfo":null`),
		"pageInfo missing":             change(`,`+pageInfo, ``),
		"pageInfo of a list":           change(pageInfo, `"pageInfo":[]`),
		"pageInfo twice":               change(pageInfo, pageInfo+`,`+pageInfo),
		"cursor null":                  change(`"c0"`, `null`),
		"cursor missing":               change(`"cursor":"c0",`, ``),
		"cursor of a number":           change(`"c0"`, `0`),
		"cursor twice":                 change(`"cursor":"c0"`, `"cursor":"c0","cursor":"c1"`),
		"node twice":                   change(`"node":`, `"node":{},"node":`),
		"node missing":                 change(`"node":`, `"n":`),
		"edges of an object":           change(`"edges":[`, `"edges":{"a":[`) + "}",
		"edge of text":                 change(`"edges":[`, `"edges":["x",`),
		"events twice":                 change(`{"data":{`, `{"data":{"events":{"edges":[],`+pageInfo+`},`),
		"events in capitals too":       change(`{"data":{`, `{"data":{"Events":null,`),
		"events of a list":             `{"data":{"events":[]}}`,
		"data of text":                 `{"data":"x"}`,
		"data twice":                   change(`{"data":`, `{"data":null,"data":`),
		"data in capitals too":         change(`{"data":`, `{"DATA":null,"data":`),
		"errors of an object":          change(`{"data":`, `{"errors":{},"data":`),
		"error of text":                change(`{"data":`, `{"errors":["x"],"data":`),
		"error path of text":           change(`{"data":`, `{"errors":[{"path":"events"}],"data":`),
		"error path in capitals":       change(`{"data":`, `{"errors":[{"Path":["events","edges",0,"node","x"]}],"data":`),
		"error path twice":             change(`{"data":`, `{"errors":[{"path":["events","edges",0,"node","x"],"path":[]}],"data":`),
		"error index negative":         change(`{"data":`, `{"errors":[{"path":["events","edges",-1,"node","x"]}],"data":`),
		"error index of a fraction":    change(`{"data":`, `{"errors":[{"path":["events","edges",0.0,"node","x"]}],"data":`),
		"two answers":                  whole + whole,
		"something after it":           whole + `x`,
		"byte order mark":              "\ufeff" + whole,
		"a list of answers":            `[` + whole + `]`,
		"null":                         `null`,
		"comma before the end":         change(`"hasNextPage":true`, `"hasNextPage":true,`),
		"node that is not JSON":        answer(`{"a":}`),
		"node with a raw line feed":    answer("{\"a\":\"\n\"}"),
		"deeper than any answer could": answer(strings.Repeat(`[`, 20000) + strings.Repeat(`]`, 20000)),
	} {
		page, err := graphql.Decode([]byte(body))
		if page != nil || graphql.KindOf(err) != graphql.Transient {
			t.Errorf("%s: got %v, %v, want a transient error", name, page, err)
		}
	}
}

// Cut anywhere, an answer is no answer.
func TestTruncatedAnywhere(t *testing.T) {
	whole := answerWith(`,"extensions":{}`, node, `{"name":"`+canaryPerson+`"}`)
	for n := range len(whole) {
		page, err := graphql.Decode([]byte(whole[:n]))
		if page != nil || graphql.KindOf(err) != graphql.Transient {
			t.Fatalf("after %d bytes: got %v, %v, want a transient error", n, page, err)
		}
		if empty := err.Error() == "the answer is empty"; empty != (n == 0) {
			t.Errorf("after %d bytes: got %v", n, err)
		}
		asError(t, err)
	}
}

// A refused field is a fact about its event, whatever its code, and the page stands.
func TestRefusedFields(t *testing.T) {
	long := strings.Repeat("é", 400)
	more := `,"errors":[` +
		`{"message":"No \u0007 relationship","path":["events","edges",1,"node","candidate","person"],"extensions":{"code":"FORBIDDEN"}},` +
		`{"message":"` + long + `","path":["events","edges",0,"node","positionProfile","positionOrganizations",0],"extensions":{"code":"UNAUTHENTICATED"}},` +
		`{"path":["events","edges",1,"node","hirer"],"extensions":{"code":17}},` +
		`{"path":["events","edges",1,"node","x"],"extensions":"x"}]`
	page, err := graphql.Decode([]byte(answerWith(more, node, node)))
	if err != nil {
		t.Fatal(err)
	}
	want := [][]graphql.Refusal{
		{{Path: "positionProfile.positionOrganizations.0", Code: "UNAUTHENTICATED", Message: long[:2*299] + "…"}},
		{{Path: "candidate.person", Code: "FORBIDDEN", Message: `No \a relationship`}, {Path: "hirer"}, {Path: "x"}},
	}
	for i := range want {
		if diff := cmp.Diff(page.Edges[i].Refused, want[i]); diff != "" {
			t.Errorf("edge %d: got -, want +\n%s", i, diff)
		}
	}
}
