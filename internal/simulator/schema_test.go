package simulator_test

import (
	"os"
	"testing"
)

func TestSchemaIsTheOneAtTheRoot(t *testing.T) {
	got, err := os.ReadFile("schema.graphql")
	if err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile("../../schema.graphql")
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != string(want) {
		t.Error("schema.graphql differs from the one at the root of the repository; run: go generate ./internal/simulator")
	}
}
