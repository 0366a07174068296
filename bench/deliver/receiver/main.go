// Command receiver takes what is posted to it and says 200. It prints its address, and tells at /taken how many it took since it was asked last.
package main

import (
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"sync/atomic"

	"seekpoller/bench/task"
)

func main() {
	task.EndWithParent()
	var taken atomic.Int64
	http.HandleFunc("POST /", func(_ http.ResponseWriter, r *http.Request) {
		if _, err := io.Copy(io.Discard, r.Body); err == nil {
			taken.Add(1)
		}
	})
	http.HandleFunc("GET /taken", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, taken.Swap(0)) })
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("http://%s/\n", listener.Addr())
	log.Fatal(http.Serve(listener, nil))
}
