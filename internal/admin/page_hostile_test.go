package admin_test

import (
	"database/sql"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"unicode"

	"seekpoller/internal/admin"
)

// hostile is what nobody should be called: it would run in a browser, retitle a terminal, and turn the text behind it.
const hostile = `<script>alert(1)</script>"'><img src=x onerror=alert(1)>` + "\x1b]0;x\x07\u202e{{.}}"

// TestHostileText: whatever stands in any column of the database is text on the page.
func TestHostileText(t *testing.T) {
	sc := newScene(t)
	sc.play()
	sc.poison()
	id := sc.last.ID + hostile
	paths := []string{"/", "/search", "/search?q=" + urlOf(hostile), "/deliveries?state=dead", "/deliveries", "/event?id=" + urlOf(id), "/event?id=" + urlOf(hostile), "/search?candidate=" + urlOf("c"+hostile), "/search?stream=" + urlOf(hostile)}
	for _, v := range []viewer{{t, sc.server().Port()}, {t, sc.server(admin.ConfiguredStream{Name: "applications" + hostile, Details: true}, admin.ConfiguredStream{Name: "positions" + hostile, Details: true}).Socket()}} {
		for _, path := range append(paths, "/event?payload=1&id="+urlOf(id)) {
			w := v.get(path)
			if w.Code == http.StatusSeeOther {
				w = v.get(w.Header().Get("Location"))
			}
			if w.Code != http.StatusOK && w.Code != http.StatusNotFound {
				t.Errorf("%s: %d", path, w.Code)
			}
			body := w.Body.String()
			doc := v.check(path, w)
			if i := strings.IndexFunc(body, func(r rune) bool {
				return r != '\n' && r != '\t' && (unicode.IsControl(r) || unicode.Is(unicode.Cf, r))
			}); i >= 0 {
				t.Errorf("%s: a control character in %q", path, body[max(0, i-40):i+10])
			}
			if shown := text(doc); !strings.Contains(shown, `<script>alert(1)</script>`) || !strings.Contains(shown, `\u001b]0;x\u0007\u202e`) {
				t.Errorf("%s does not show the text", path)
			}
		}
	}
}

func urlOf(s string) string {
	var b strings.Builder
	for _, c := range []byte(s) {
		fmt.Fprintf(&b, "%%%02x", c)
	}
	return b.String()
}

// poison appends the hostile text to every text in the database that is not a time or one of a few words.
func (sc *scene) poison() {
	sc.t.Helper()
	db, err := sql.Open("sqlite3", "file:"+sc.path+"?_busy_timeout=5000")
	sc.must(err)
	defer db.Close()
	rows, err := db.Query(`
		SELECT m.name, c.name
		FROM sqlite_master m, pragma_table_xinfo(m.name) c
		WHERE m.type = 'table' AND c.type = 'TEXT' AND c.hidden = 0
		  AND c.name NOT LIKE '%\_at' ESCAPE '\'
		  AND c.name NOT IN ('at', 'state_since', 'since', 'until', 'hour', 'state', 'source', 'kind', 'outcome', 'identifiers', 'refused', 'types', 'deliver', 'wait_from')`)
	sc.must(err)
	var columns [][2]string
	for rows.Next() {
		var c [2]string
		sc.must(rows.Scan(&c[0], &c[1]))
		columns = append(columns, c)
	}
	sc.must(rows.Close())
	if len(columns) < 25 {
		sc.t.Fatalf("only %d columns", len(columns))
	}
	for _, c := range columns {
		_, err := db.Exec("UPDATE "+c[0]+" SET "+c[1]+" = "+c[1]+" || ?", hostile)
		sc.must(err)
	}
	_, err = db.Exec("UPDATE events SET identifiers = json_object('candidateId', 'c' || ?1, ?1, ?1), refused = json_array(json_object('path', ?1, 'code', ?1, 'message', ?1))", hostile)
	sc.must(err)
	_, err = db.Exec("UPDATE queries SET outcome = outcome || ? WHERE outcome <> 'answered'", hostile)
	sc.must(err)
}
