package corpus_test

import (
	"encoding/json"
	"testing"

	"seekpoller/bench/corpus"
	"seekpoller/graphql"
)

// What is stored directly is what the product reads from the wire.
func TestEventIsTheNode(t *testing.T) {
	read, want := graphql.Edge{Node: corpus.Node(7)}.Event(), corpus.Event(7)
	identifiers, err := json.Marshal(read.Identifiers)
	if err != nil {
		t.Fatal(err)
	}
	if read.Unreadable != "" || read.ID != want.ID || read.HirerID != want.HirerID || !read.CreatedAt.Equal(want.CreatedAt) ||
		string(identifiers) != string(want.Identifiers) {
		t.Errorf("got %+v, want %+v", read, want)
	}
}

func TestSizes(t *testing.T) {
	total := 0
	for n := range 1000 {
		size := len(corpus.Node(n))
		if size < 600 || size > 2048 {
			t.Fatalf("node %d has %d bytes", n, size)
		}
		total += size
	}
	t.Logf("mean size: %d bytes", total/1000)
}
