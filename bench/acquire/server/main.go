// Command server is SEEK as far as a query for events goes: pages of 100 over plain HTTP, all of them made before the first is asked for,
// so that what is measured is the one who asks. It prints its address.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"log"
	"net"
	"net/http"

	"seekpoller/bench/corpus"
	"seekpoller/bench/task"
)

func main() {
	task.EndWithParent()
	events := flag.Int("events", 20_000, "how many there are")
	flag.Parse()
	pages := map[string][]byte{} // by the cursor that they follow
	after := ""
	for from := 0; from < *events; from += corpus.Page {
		n := min(corpus.Page, *events-from)
		pages[after] = corpus.Answer(from, n, from+n < *events)
		after = corpus.Cursor(from + n - 1)
	}
	http.HandleFunc("POST /graphql", func(w http.ResponseWriter, r *http.Request) { answer(w, r, pages) })
	http.HandleFunc("POST /token", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, `{"access_token":"bench","expires_in":86400,"token_type":"Bearer"}`)
	})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("http://%s/\n", listener.Addr())
	log.Fatal(http.Serve(listener, nil))
}

func answer(w http.ResponseWriter, r *http.Request, pages map[string][]byte) {
	var query struct {
		Variables struct{ After string }
	}
	if err := json.NewDecoder(r.Body).Decode(&query); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	page, ok := pages[query.Variables.After]
	if !ok {
		http.Error(w, "nothing follows this cursor", http.StatusBadRequest)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Write(page)
}
