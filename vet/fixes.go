package vet

import (
	"bytes"
	"go/ast"
	"go/format"
	"go/token"
	"go/types"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/tools/go/analysis"
)

// innermost returns the function, or the literal, in which a position is; nil: it is in none.
func (p *program) innermost(pos token.Pos) (in *function) {
	for _, f := range p.functions {
		if f.body.Pos() <= pos && pos < f.body.End() { // a literal comes after what it is in
			in = f
		}
	}
	return in
}

// contextAt returns the name of the context that a function, or the one of which it is a
// part, has as a parameter, if that name means it at a position.
func (c *check) contextAt(f *function, pos token.Pos) string {
	for ; f != nil; f = f.outer {
		if v := c.contextOf(f); v != nil {
			if c.means(v.Name(), pos) == v {
				return v.Name()
			}
			return ""
		}
		if f.kind != inline {
			return ""
		}
	}
	return ""
}

// contextOf returns the parameter of a function that is a context and has a name.
func (p *program) contextOf(f *function) *types.Var {
	for _, field := range f.typ.Params.List {
		for _, id := range field.Names {
			if v, _ := p.pass.TypesInfo.Defs[id].(*types.Var); v != nil && id.Name != "_" && isContext(v.Type()) {
				return v
			}
		}
	}
	return nil
}

// means returns what a name means at a position.
func (c *check) means(name string, pos token.Pos) types.Object {
	scope := c.Pkg.Scope().Innermost(pos)
	if scope == nil {
		return nil
	}
	_, o := scope.LookupParent(name, pos)
	return o
}

// returnsErrorAlone reports whether a function has an error as its only result.
func (c *check) returnsErrorAlone(f *function) bool {
	if f != nil && c.means("nil", f.body.Lbrace+1) != types.Universe.Lookup("nil") {
		return false
	}
	if f == nil {
		return false
	}
	sig := c.signature(f)
	return sig != nil && sig.Results().Len() == 1 && isError(sig.Results().At(0).Type())
}

// checked returns the fix that puts in place of a statement one that assigns to err, and
// returns it if there is one.
func (c *check) checked(n ast.Node, message, assignment string, more ...analysis.TextEdit) []analysis.SuggestedFix {
	indent := c.indent(n.Pos())
	text := "if " + assignment + "; err != nil {\n" + indent + "\treturn err\n" + indent + "}"
	return c.replaced(n, message, text, more...)
}

func (c *check) replaced(n ast.Node, message, text string, more ...analysis.TextEdit) []analysis.SuggestedFix {
	edits := append([]analysis.TextEdit{{Pos: n.Pos(), End: n.End(), NewText: []byte(text)}}, more...)
	return []analysis.SuggestedFix{{Message: message, TextEdits: edits}}
}

// text returns the source of a node, formatted.
func (c *check) text(n ast.Node) string {
	var b bytes.Buffer
	if err := format.Node(&b, c.Fset, n); err != nil {
		return ""
	}
	return b.String()
}

// indent returns what is before the first character of the line of a position.
func (c *check) indent(pos token.Pos) string {
	p := c.Fset.Position(pos)
	text, err := c.ReadFile(p.Filename)
	if err != nil || p.Offset > len(text) {
		return ""
	}
	line := text[bytes.LastIndexByte(text[:p.Offset], '\n')+1 : p.Offset]
	return string(line[:len(line)-len(bytes.TrimLeft(line, "\t "))])
}

// fileOf returns the file in which a position is.
func (c *check) fileOf(pos token.Pos) *ast.File {
	i := slices.IndexFunc(c.Files, func(f *ast.File) bool { return f.FileStart <= pos && pos < f.FileEnd })
	if i < 0 {
		return nil
	}
	return c.Files[i]
}

// asyncioAt returns the name of package asyncio at a position, and the edit that imports it
// where the file does not; "" means that there is no such name.
func (c *check) asyncioAt(pos token.Pos) (name string, imports []analysis.TextEdit) {
	file := c.fileOf(pos)
	if file == nil {
		return "", nil
	}
	if name := c.importName(pos, root); name != "" {
		return name, nil
	}
	imported := slices.ContainsFunc(file.Imports, func(s *ast.ImportSpec) bool {
		return s.Path.Value == strconv.Quote(root) && (s.Name == nil || s.Name.Name != "_")
	})
	if imported || c.means("asyncio", pos) != nil || len(file.Imports) == 0 {
		return "", nil
	}
	return "asyncio", importing(file)
}

// importing returns the edit that imports package asyncio, as the last of the imports.
func importing(file *ast.File) []analysis.TextEdit {
	last := file.Imports[len(file.Imports)-1]
	for _, d := range file.Decls {
		d, ok := d.(*ast.GenDecl)
		if !ok || d.Tok != token.IMPORT || d.End() < last.End() || d.Pos() > last.Pos() {
			continue
		}
		text := "\nimport " + strconv.Quote(root)
		if d.Lparen.IsValid() {
			text = "\n\n\t" + strconv.Quote(root)
			if slices.ContainsFunc(file.Imports, isModule) {
				text = "\n\t" + strconv.Quote(root)
			}
		}
		return []analysis.TextEdit{{Pos: last.End(), End: last.End(), NewText: []byte(text)}}
	}
	return nil
}

func isModule(spec *ast.ImportSpec) bool {
	first, _, _ := strings.Cut(spec.Path.Value, "/")
	return strings.Contains(first, ".")
}
