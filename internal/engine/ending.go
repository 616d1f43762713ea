package engine

// An Ending is what wants to know when the loop ends.
type Ending interface{ LoopClosed() }

// AtEnd lets e know of the loop's end. Who asks first is told first.
func (l *Loop) AtEnd(e Ending) { l.endings.Add(e) }

// NotAtEnd takes back what AtEnd did.
func (l *Loop) NotAtEnd(e Ending) { l.endings.Remove(e) }

// tellEndings tells all. One that is told may take another back.
func (l *Loop) tellEndings() {
	for e := range l.endings.All() {
		l.endings.Remove(e)
		e.LoopClosed()
	}
}
