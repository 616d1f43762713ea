package vet

import (
	"go/ast"
	"go/constant"
	"go/types"
	"net/netip"
	"strings"
)

// cureOf returns what to use in place of a call that blocks by itself; "": it does not.
func (p *program) cureOf(f *types.Func, c *ast.CallExpr) string {
	if cure, ok := blocking[f.FullName()]; ok {
		return cure
	}
	switch {
	case readers[f.FullName()]:
		if p.readsStdin(c) {
			return stdinCure
		}
	case f.FullName() == "net.ResolveTCPAddr", f.FullName() == "net.ResolveUDPAddr":
		if p.asksForHost(c) {
			return "ToThread"
		}
	case isClientCall(f) && !p.dialsThroughStreams(), p.isCallOfOwnDialer(f, c):
		return "ToThread"
	}
	return ""
}

// callWaitsForDisk returns why a call waits for a disk.
func (p *program) callWaitsForDisk(c *ast.CallExpr) *blocker {
	f := p.callee(c)
	if f == nil || filesystem[f.FullName()] == "" {
		return nil
	}
	return &blocker{root: f.FullName(), cure: filesystem[f.FullName()]}
}

// readsStdin reports whether a call reads the standard input, as its argument or as what its
// receiver was visibly made with.
func (p *program) readsStdin(c *ast.CallExpr) bool {
	if sel, ok := ast.Unparen(c.Fun).(*ast.SelectorExpr); ok && p.isStdin(sel.X) {
		return true
	}
	for _, arg := range c.Args {
		if p.isStdin(arg) {
			return true
		}
	}
	return false
}

// isStdin reports whether a value is os.Stdin, or a reader or scanner of it.
func (p *program) isStdin(e ast.Expr) bool {
	if e, ok := p.value(e).(*ast.CallExpr); ok {
		f := callee(p.pass.TypesInfo, e)
		return f != nil && f.Pkg() != nil && f.Pkg().Path() == "bufio" && len(e.Args) > 0 && p.isFileStdin(e.Args[0])
	}
	return p.isFileStdin(e)
}

func (p *program) isFileStdin(e ast.Expr) bool {
	sel, ok := p.value(e).(*ast.SelectorExpr)
	if !ok {
		return false
	}
	o := p.pass.TypesInfo.Uses[sel.Sel]
	return o != nil && o.Name() == "Stdin" && o.Pkg() != nil && o.Pkg().Path() == "os"
}

// asksForHost reports whether an address that is resolved visibly has the name of a host,
// which has to be looked up.
func (p *program) asksForHost(c *ast.CallExpr) bool {
	if len(c.Args) != 2 {
		return false
	}
	v := p.pass.TypesInfo.Types[c.Args[1]].Value
	if v == nil || v.Kind() != constant.String {
		return false
	}
	address := constant.StringVal(v)
	host := strings.Trim(address[:max(0, strings.LastIndexByte(address, ':'))], "[]")
	_, err := netip.ParseAddr(host)
	return host != "" && host != "localhost" && err != nil
}

// isClientCall reports whether a function is a method of a client that waits for an answer.
func isClientCall(f *types.Func) bool {
	r := f.Signature().Recv()
	if r == nil {
		return false
	}
	n := namedOf(r.Type())
	if n == nil || n.Obj().Pkg() == nil || !clients[n.Obj().Pkg().Path()+"."+n.Obj().Name()] {
		return false
	}
	switch strings.TrimSuffix(f.Name(), "Context") {
	case "Query", "QueryRow", "Exec", "Ping", "Begin", "BeginTx", "Prepare", "Commit", "Rollback", "Conn", "Acquire":
		return true
	}
	return takesContext(f.Signature())
}

// isCallOfOwnDialer reports whether a call is that of a method, with a context, of a client
// that visibly dials by itself.
func (p *program) isCallOfOwnDialer(f *types.Func, c *ast.CallExpr) bool {
	sel, ok := ast.Unparen(c.Fun).(*ast.SelectorExpr)
	if !ok || !takesContext(f.Signature()) {
		return false
	}
	made, ok := p.value(sel.X).(*ast.CallExpr)
	if !ok {
		return false
	}
	maker := callee(p.pass.TypesInfo, made)
	if maker == nil {
		return false
	}
	return ownDialers[maker.FullName()] || maker.FullName() == "github.com/redis/go-redis/v9.NewClient" && p.lacksDialer(made)
}

// lacksDialer reports whether the options of a client of Redis visibly name no dialer.
func (p *program) lacksDialer(c *ast.CallExpr) bool {
	if len(c.Args) != 1 {
		return false
	}
	ref, ok := ast.Unparen(c.Args[0]).(*ast.UnaryExpr)
	if !ok {
		return false
	}
	options, ok := ref.X.(*ast.CompositeLit)
	if !ok {
		return false
	}
	for _, e := range options.Elts {
		kv, ok := e.(*ast.KeyValueExpr)
		if !ok {
			return false
		}
		if id, ok := kv.Key.(*ast.Ident); ok && id.Name == "Dialer" {
			return false
		}
	}
	return true
}

// dialsThroughStreams reports whether the package has clients dial through package streams:
// then they can be used in tasks.
func (p *program) dialsThroughStreams() bool {
	for _, o := range p.pass.TypesInfo.Uses {
		if f, ok := o.(*types.Func); ok && f.Pkg() != nil && f.Pkg().Path() == root+"/streams" && (f.Name() == "DialShared" || f.Name() == "DialContext") {
			return true
		}
	}
	return false
}

// isWeak reports whether a function blocks only what calls it directly: a program that has a
// net.Conn and finds out that it is a *net.TCPConn has another way for all others.
func isWeak(root string) bool {
	return strings.HasPrefix(root, "(*net.") && !strings.HasPrefix(root, "(*net.Dialer)") && !strings.HasPrefix(root, "(*net.Resolver)")
}

// longestWay returns how many calls there may be from a function of the package to what
// blocks. In a library, what is far away is as a rule done in some cases only.
func (p *program) longestWay() int {
	if m := p.pass.Module; m != nil && m.Version != "" {
		return 2
	}
	return 8
}
