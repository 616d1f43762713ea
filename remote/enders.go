package remote

// enders are goroutines on which jobs end. One that is done goes on with another job: its
// stack has grown to what an ending needs, and that of a new one would have to. There are
// as many as there have been endings at once, at most resultsOnTheirWay.
type enders struct {
	next chan func()
	over chan struct{}
}

func newEnders() enders { return enders{make(chan func()), make(chan struct{})} }

// do runs fn on a goroutine. It does not wait. Any goroutine may call it.
func (e enders) do(fn func()) {
	select {
	case e.next <- fn:
	default: // all are busy
		go e.run(fn)
	}
}

func (e enders) run(fn func()) {
	for {
		fn()
		select {
		case fn = <-e.next:
		case <-e.over:
			return
		}
	}
}

// stop ends those that are idle, and the others when they are.
func (e enders) stop() { close(e.over) }
