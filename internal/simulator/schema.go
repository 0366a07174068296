package simulator

import (
	_ "embed"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
)

// The schema at the root of the repository is the one source; go:embed cannot reach it from here, so there is a copy,
// and a test that says when the two differ.
//
//go:generate cp ../../schema.graphql schema.graphql
//go:embed schema.graphql
var schemaText string

// loadSchema parses the embedded schema. It panics on a broken one, which no input of a user can cause.
func loadSchema() *ast.Schema {
	return gqlparser.MustLoadSchema(&ast.Source{Name: "schema.graphql", Input: schemaText})
}
