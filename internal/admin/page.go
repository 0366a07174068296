package admin

import (
	"bytes"
	"embed"
	"html/template"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// The page is HTML that a browser can show by itself: no script, nothing from elsewhere, no styles but the one sheet.
//
//go:embed templates/*.html
var templates embed.FS

//go:embed static
var static embed.FS

// pages are the templates by name, each with the layout around it.
var pages = parsePages("home", "event", "search", "deliveries", "error")

func parsePages(names ...string) map[string]*template.Template {
	layout := template.Must(template.New("").Funcs(pageWords).ParseFS(templates, "templates/layout.html", "templates/parts.html", "templates/charts.html"))
	all := map[string]*template.Template{}
	for _, name := range names {
		all[name] = template.Must(template.Must(layout.Clone()).ParseFS(templates, "templates/"+name+".html"))
	}
	return all
}

// pageRoutes are the page.
func (s *Server) pageRoutes(m *http.ServeMux) {
	m.HandleFunc("GET /{$}", s.page("home", s.homePage))
	m.HandleFunc("GET /event", s.page("event", s.eventPage))
	m.HandleFunc("GET /search", s.page("search", s.searchPage))
	m.HandleFunc("GET /deliveries", s.page("deliveries", s.deliveriesPage))
	m.HandleFunc("GET /style.css", asset("static/style.css", "text/css; charset=utf-8"))
	m.HandleFunc("GET /icon.svg", asset("static/icon.svg", "image/svg+xml"))
}

func asset(name, contentType string) http.HandlerFunc {
	content, err := static.ReadFile(name)
	if err != nil {
		panic(err) // it is embedded
	}
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", contentType)
		_, _ = w.Write(content) // whoever asked has gone
	}
}

// sheet is one page as the layout shows it.
type sheet struct {
	Title   string
	Version string
	At      time.Time
	Query   string // what stands in the search box
	Refresh string // the address that stops or starts it; "": this page does not refresh
	Live    bool   // it refreshes by itself
	Body    any
}

// elsewhere is what a page returns whose content is at another address.
type elsewhere struct{ to string }

func (e elsewhere) Error() string { return "it is at " + e.to }

// page makes a handler of a function that reads what one page shows.
func (s *Server) page(name string, read func(r *http.Request, sh *sheet) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		c := s.config.Load()
		sh := &sheet{Version: c.Version, At: c.Now().Wall.UTC()}
		err := read(r, sh)
		if to, ok := err.(elsewhere); ok {
			http.Redirect(w, r, to.to, http.StatusSeeOther)
			return
		}
		var body []byte
		if err == nil {
			body, err = render(name, sh)
		}
		if err == nil {
			w.Header().Set("Content-Type", htmlType)
			_, _ = w.Write(body) // whoever asked has gone
			return
		}
		s.refuse(w, r, err)
	}
}

const htmlType = "text/html; charset=utf-8"

func render(name string, sh *sheet) ([]byte, error) {
	var body bytes.Buffer
	if err := pages[name].ExecuteTemplate(&body, "layout", sh); err != nil {
		return nil, err
	}
	return inert(body.Bytes()), nil
}

// wantsPage says that whoever asks is a browser, at an address that is not for programs.
func wantsPage(r *http.Request) bool {
	return strings.Contains(r.Header.Get("Accept"), "text/html") && !strings.HasPrefix(r.URL.Path, "/api/")
}

// mistake is an error as its page shows it.
type mistake struct {
	*Error
	Lines []string // of What, behind the first
}

// writeErrorPage answers a browser.
func writeErrorPage(w http.ResponseWriter, e *Error) {
	lines := strings.Split(e.What, "\n")
	body, err := render("error", &sheet{Title: lines[0], Body: mistake{e, lines[1:]}})
	if err != nil {
		body = []byte(template.HTMLEscapeString(e.What))
	}
	w.Header().Set("Content-Type", htmlType)
	w.WriteHeader(e.Status)
	_, _ = w.Write(body)
}

// address is a path of the page with the parameters that are set, in pairs of name and value.
func address(path string, pairs ...string) string {
	v := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			v.Set(pairs[i], pairs[i+1])
		}
	}
	if len(v) == 0 {
		return path
	}
	return path + "?" + v.Encode()
}
