package simulator

import (
	"sync"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/validator/rules"
)

// mostParsed bounds what is kept: a client has a handful of queries, a fuzzer any number.
const mostParsed = 100

// parsed keeps queries that were read and found valid, by their text: reading one takes longer than answering it. Nothing changes a document afterwards.
type parsed struct {
	mu    sync.Mutex
	known map[string]*ast.QueryDocument
}

// document reads a query. The text says what is wrong with it.
func (p *parsed) document(schema *ast.Schema, query string) (doc *ast.QueryDocument, wrong string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if doc := p.known[query]; doc != nil {
		return doc, ""
	}
	doc, errs := gqlparser.LoadQueryWithRules(schema, query, rules.NewDefaultRules())
	if errs != nil {
		return nil, errs[0].Message
	}
	if p.known == nil || len(p.known) >= mostParsed {
		p.known = map[string]*ast.QueryDocument{}
	}
	p.known[query] = doc
	return doc, ""
}
