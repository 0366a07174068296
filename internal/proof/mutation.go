package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"strings"
)

// mutation is one small change of one place.
type mutation struct {
	file, what string
	line       int
	runs       int    // the line that is run if this one is: that of the switch, for a case
	was        string // the line
	text       string // the whole file, changed

	from, to int    // the expression or statement in the file as it is
	switched string // what stands there in the program that holds all mutants, with %[1]q for this one's name; "": it cannot be in there
}

func (m mutation) String() string { return fmt.Sprintf("%s:%d: %s: %s", m.file, m.line, m.what, m.was) }

// change is what the mutation is by, wherever its line moves to.
func (m mutation) change() change { return change{m.file, m.was, m.what} }

// mutations are all that can be made in a room.
func mutations(room string) (all []mutation, err error) {
	files, err := sources(room)
	if err != nil {
		return nil, err
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		some, err := mutationsOf(file, string(text))
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
	}
	return all, nil
}

func mutationsOf(file, text string) (all []mutation, err error) {
	files := token.NewFileSet()
	parsed, err := parser.ParseFile(files, file, text, 0)
	if err != nil {
		return nil, err
	}
	lines := strings.Split(text, "\n")
	offset := func(p token.Pos) int { return files.Position(p).Offset }
	of := func(n ast.Node) string { return text[offset(n.Pos()):offset(n.End())] }
	cases := casesOf(parsed)
	add := func(n ast.Node, at token.Pos, what, becomes, switched string) {
		m := mutation{file: file, what: what, line: files.Position(at).Line, from: offset(n.Pos()), to: offset(n.End()), switched: switched}
		m.runs = m.line
		for _, c := range cases {
			if c.from <= at && at < c.to {
				m.runs = files.Position(c.by).Line
			}
		}
		m.was, m.text = strings.TrimSpace(lines[m.line-1]), text[:m.from]+becomes+text[m.to:]
		all = append(all, m)
	}
	ast.Inspect(parsed, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.BinaryExpr:
			if n.Op == token.ADD && joins(n) {
				break
			}
			for _, op := range others[n.Op] {
				same, changed := "("+of(n.X)+")"+n.Op.String()+"("+of(n.Y)+")", "("+of(n.X)+")"+op.String()+"("+of(n.Y)+")"
				add(n, n.OpPos, fmt.Sprintf("%v becomes %v", n.Op, op), changed, switches(op, changed, same))
			}
		case *ast.BlockStmt:
			for _, statement := range n.List {
				if droppable(statement) {
					add(statement, statement.Pos(), "a statement is left out", "", "if !mutantIs(%[1]q) { "+escape(of(statement))+" }")
				}
			}
		}
		return true
	})
	return all, nil
}

// caseWords is what is written between case and colon, and by which switch. Coverage knows only whether its statements are run.
type caseWords struct{ from, to, by token.Pos }

func casesOf(file *ast.File) (all []caseWords) {
	ast.Inspect(file, func(n ast.Node) bool {
		if s, is := n.(*ast.SwitchStmt); is {
			for _, clause := range s.Body.List {
				all = append(all, caseWords{clause.Pos(), clause.(*ast.CaseClause).Colon, s.Pos()})
			}
		}
		return true
	})
	return all
}

// switches is an expression that is one of two. Both sums are worked out; a comparison or a condition is not, unless it is asked for.
func switches(op token.Token, changed, same string) string {
	changed, same = escape(changed), escape(same)
	switch op {
	case token.QUO: // by zero, perhaps
		return ""
	case token.ADD, token.SUB, token.MUL:
		return "mutantOr(%[1]q, " + changed + ", " + same + ")"
	}
	return "(func() bool { if mutantIs(%[1]q) { return " + changed + " }; return " + same + " }())"
}

func escape(s string) string { return strings.ReplaceAll(s, "%", "%%") }

// joins says that strings are put together, of which nothing can be subtracted.
func joins(n ast.Node) (found bool) {
	ast.Inspect(n, func(n ast.Node) bool {
		text, is := n.(*ast.BasicLit)
		found = found || is && text.Kind == token.STRING
		return !found
	})
	return found
}

// others is what an operator becomes: the next boundary, the opposite, the other half.
var others = map[token.Token][]token.Token{
	token.LSS: {token.LEQ, token.GEQ}, token.LEQ: {token.LSS, token.GTR}, token.GTR: {token.GEQ, token.LEQ}, token.GEQ: {token.GTR, token.LSS},
	token.EQL: {token.NEQ}, token.NEQ: {token.EQL}, token.LAND: {token.LOR}, token.LOR: {token.LAND}, token.ADD: {token.SUB}, token.SUB: {token.ADD},
	token.MUL: {token.QUO}, token.QUO: {token.MUL},
}

// droppable statements leave a program that compiles, mostly.
func droppable(s ast.Stmt) bool {
	switch s := s.(type) {
	case *ast.ExprStmt, *ast.IncDecStmt, *ast.DeferStmt:
		return true
	case *ast.AssignStmt:
		return s.Tok != token.DEFINE
	}
	return false
}
