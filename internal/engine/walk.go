package engine

import "github.com/asyncio-go/asyncio/internal/list"

// A walk goes through the tasks of a loop, some at a time, while the loop goes on in
// between. Tasks that are created meanwhile are left out. The walk may meet a task twice.
// Loop only.
type walk struct {
	path   []stop // where it is in the tree of scopes, outermost first
	newest uint64 // the number of the newest task that counts
}

// A stop is how far a walk is among the scopes below one.
type stop struct {
	scope *Scope
	at    *list.Node[*Scope] // the last that was visited; nil: the first comes next
	last  [8]*Scope          // those that were visited last, in case that one has left meanwhile
	count int                // how many were
	task  uint64             // the number of the newest task among them
	again bool               // all of last have left, so that it begins anew, and skips the tasks up to that one
}

func newWalk(l *Loop) walk { return walk{path: []stop{{scope: &l.root}}, newest: l.ids} }

// some visits as many scopes as it may, and calls visit for those of tasks. It returns
// false when it has been everywhere.
func (w *walk) some(most int, visit func(*Task)) (more bool) {
	w.resume()
	for ; most > 0 && len(w.path) > 0; most-- {
		kid := w.path[len(w.path)-1].next(w.newest)
		if kid == nil {
			w.path = w.path[:len(w.path)-1]
			continue
		}
		if kid.kind&scopeOfTask != 0 {
			visit(kid.task)
		}
		if kid.below.First() != nil {
			w.path = append(w.path, stop{scope: kid})
		}
	}
	return len(w.path) > 0
}

// resume finds its place again in a tree that has changed.
func (w *walk) resume() {
	for i := range w.path {
		s := &w.path[i]
		if i > 0 && (!s.scope.node.Listed() || s.scope.up != w.path[i-1].scope) {
			w.path = w.path[:i]
			return
		}
		s.resume()
	}
}

func (s *stop) resume() {
	s.at = nil
	for i := range min(s.count, len(s.last)) {
		kid := s.last[(s.count-1-i)%len(s.last)]
		if kid.node.Listed() && kid.up == s.scope {
			s.at = &kid.node
			return
		}
	}
	s.again = s.count > 0
}

// next returns the next scope below; nil: there is none that counts.
func (s *stop) next(newest uint64) *Scope {
	first := s.scope.below.First()
	node := first
	if s.at != nil {
		node = s.at.Next()
	}
	for ; node != nil && (node != first || s.at == nil); node = node.Next() {
		kid := node.Value
		if s.at = node; kid.kind&scopeOfTask != 0 {
			if kid.task.id > newest {
				return nil // so are all that follow
			}
			if s.again && kid.task.id <= s.task {
				continue
			}
			s.task, s.again = kid.task.id, false
		}
		s.last[s.count%len(s.last)] = kid
		s.count++
		return kid
	}
	return nil
}
