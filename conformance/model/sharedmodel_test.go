// The reference model of what tasks share and CPython does not have. See shared_test.go.

package model

import (
	"fmt"
	"slices"

	"github.com/asyncio-go/asyncio"
)

// A sharedRef is one run of a program on the model.
type sharedRef struct {
	refRun
	semaphores  [2]*refSemaphore
	locks       [2]*refRWLock
	news        *refBroadcast
	subscribers [2]*refSubscriber
	watch       refWatch
}

func sharedOnModel(p sharedProgram) []traceLine {
	r := &sharedRef{refRun: refRun{refLoop: &refLoop{}}}
	r.semaphores = [2]*refSemaphore{{free: 2, size: 2}, {free: 3, size: 3, bounded: true}}
	r.locks = [2]*refRWLock{{}, {}}
	r.news = &refBroadcast{size: 2}
	main := r.newTask(nil, func(t *refTask, s *refScope, then func(refResult)) {
		var tasks []*refTask
		for _, ops := range p.tasks {
			task := r.newTask(nil, func(t *refTask, s *refScope, then func(refResult)) {
				r.all(refPlace{task: t, scope: s}, ops, func(err *refError) { then(refResult{err: err}) })
			})
			task.start(false)
			tasks = append(tasks, task)
		}
		for _, c := range p.cancels {
			r.at(c.N, func() { tasks[c.On].cancel() })
		}
		r.sleep(refPlace{task: t, scope: s}, enough, func(err *refError) { then(refResult{err: err}) })
	})
	main.subscribe(func() { r.stopped = true })
	main.start(false)
	r.run()
	r.shutdown()
	return r.trace
}

func (r *sharedRef) all(at refPlace, ops []sharedOp, then func(*refError)) {
	if len(ops) == 0 {
		then(nil)
		return
	}
	r.op(at, ops[0], func(outcome string, err *refError) {
		if err != nil {
			outcome = err.String()
		}
		r.note("task %d: %v: %s", at.task.id, ops[0], outcome)
		if err != nil {
			then(err)
			return
		}
		r.all(at, ops[1:], then)
	})
}

// op carries out an operation. then gets what is to be noted of it, and its error.
func (r *sharedRef) op(at refPlace, o sharedOp, then func(outcome string, err *refError)) {
	ok := func(err *refError) { then("ok", err) }
	// waits carries out an operation that does nothing on a canceled context.
	waits := func(begin func()) { r.checkpoint(at.scope, func() { ok(refCanceled) }, begin) }
	switch o.Kind {
	case "yield":
		r.yield(at, ok)
	case "sleep":
		r.sleep(at, 1+o.N, ok)
	case "acquire":
		waits(func() { r.acquire(at, r.semaphores[o.On], 1, false, then) })
	case "acquire several":
		waits(func() { r.acquire(at, r.semaphores[o.On], o.N, true, then) })
	case "write":
		waits(func() { r.lock(at, r.locks[o.On], true, ok) })
	case "read":
		waits(func() { r.lock(at, r.locks[o.On], false, ok) })
	case "put":
		waits(func() { r.put(at, o.ID, then) })
	case "get":
		if s := r.subscribers[o.On]; s != nil {
			waits(func() { r.get(at, s, then) })
		} else {
			then("no subscriber", nil)
		}
	case "wait":
		waits(func() { r.await(at, o.N, then) })
	default:
		then(r.do(o), nil)
	}
}

// A refAsker is a task in a line.
type refAsker struct {
	wait    *refWait
	n       int
	several bool
	writes  bool
	refused bool
}

// A refAskers is a line, first come, first served.
type refAskers []*refAsker

// join lets a task wait in the line; then is called when it goes on.
func (line *refAskers) join(r *sharedRef, at refPlace, a *refAsker, then func(canceled bool)) {
	*line = append(*line, a)
	a.wait = &refWait{l: r.refLoop, scope: at.scope, then: then, cleanup: func() {
		*line = slices.DeleteFunc(*line, func(other *refAsker) bool { return other == a })
	}}
	a.wait.begin()
}

// wake lets the first go on.
func (line *refAskers) wake() bool {
	if len(*line) == 0 {
		return false
	}
	(*line)[0].wait.wake()
	return true
}

func (line *refAskers) wakeAll() {
	for line.wake() {
	}
}

type refSemaphore struct {
	free, size int
	bounded    bool
	coming     int // were given permits and have not run since
	several    int // have waited for several and have not run since
	line       refAskers
}

func (s *refSemaphore) fits(n int) bool { return s.coming == 0 && len(s.line) == 0 && n <= s.free }

func (s *refSemaphore) serve() {
	for len(s.line) > 0 {
		switch first := s.line[0]; {
		case first.several && s.bounded && first.n > s.size:
			first.refused = true
		case first.n <= s.free:
			s.free -= first.n
			s.coming++
		default:
			return
		}
		s.line.wake()
	}
}

// release gives each permit to the first in line. Where no one waits for several, those
// that were free before stay where they are.
func (s *refSemaphore) release(n int) {
	if s.several > 0 || s.free < 0 {
		s.free += n
		s.serve()
		return
	}
	for range n {
		if s.line.wake() {
			s.coming++
		} else {
			s.free++
		}
	}
}

func (r *sharedRef) acquire(at refPlace, s *refSemaphore, n int, several bool, then func(string, *refError)) {
	switch {
	case several && s.bounded && n > s.size:
		then(asyncio.ErrSemaphoreLimit.Error(), nil)
		return
	case n == 0:
		then("ok", nil)
		return
	case s.fits(n):
		s.free -= n
		then("ok", nil)
		return
	}
	a := &refAsker{n: n, several: several}
	if several {
		s.several++
	}
	s.line.join(r, at, a, func(canceled bool) {
		if several {
			s.several--
		}
		if !canceled && !a.refused {
			s.coming--
		}
		if !a.refused && (!canceled || several || s.several > 0) {
			s.serve()
		}
		switch {
		case canceled:
			then("", refCanceled)
		case a.refused:
			then(asyncio.ErrSemaphoreLimit.Error(), nil)
		default:
			then("ok", nil)
		}
	})
}

// A refRWLock knows who is in, or comes in.
type refRWLock struct {
	readers, writers int
	coming           int
	line             refAskers
}

// enter lets someone in, if no one is in the way.
func (l *refRWLock) enter(writes bool) bool {
	switch {
	case l.writers > 0 || writes && l.readers > 0:
		return false
	case writes:
		l.writers++
	default:
		l.readers++
	}
	return true
}

func (l *refRWLock) try(writes bool) bool { return len(l.line) == 0 && l.enter(writes) }

func (l *refRWLock) serve() {
	for len(l.line) > 0 && l.enter(l.line[0].writes) {
		l.coming++
		l.line.wake()
	}
}

func (r *sharedRef) lock(at refPlace, l *refRWLock, writes bool, then func(*refError)) {
	if l.try(writes) {
		then(nil)
		return
	}
	l.line.join(r, at, &refAsker{writes: writes}, func(canceled bool) {
		if canceled {
			l.serve()
			then(refCanceled)
			return
		}
		l.coming--
		then(nil)
	})
}

// leave reports whether there was someone inside to leave.
func (l *refRWLock) leave(writes bool) bool {
	inside := &l.readers
	if writes {
		inside = &l.writers
	}
	if *inside == 0 || *inside == l.coming {
		return false
	}
	*inside--
	l.serve()
	return true
}

type refBroadcast struct {
	size        int
	subscribers []*refSubscriber
	coming      bool
	shut        bool
	putters     refAskers
}

type refSubscriber struct {
	items   []int
	closed  bool
	getters refAskers
}

// room reports whether all subscribers have room.
func (b *refBroadcast) room() bool {
	return !slices.ContainsFunc(b.subscribers, func(s *refSubscriber) bool { return len(s.items) >= b.size })
}

func (b *refBroadcast) next() {
	if b.room() && !b.coming && !b.shut {
		b.coming = b.putters.wake()
	}
}

func (b *refBroadcast) busy() bool { return !b.room() || b.coming || len(b.putters) > 0 }

func (b *refBroadcast) give(item int) {
	for _, s := range b.subscribers {
		s.items = append(s.items, item)
		s.getters.wake()
	}
	b.next()
}

func (r *sharedRef) put(at refPlace, item int, then func(string, *refError)) {
	b := r.news
	give := func() {
		if b.shut {
			then(asyncio.ErrQueueShutDown.Error(), nil)
			return
		}
		b.give(item)
		then("ok", nil)
	}
	if b.shut || !b.busy() {
		give()
		return
	}
	b.putters.join(r, at, &refAsker{}, func(canceled bool) {
		if canceled {
			then("", refCanceled)
			return
		}
		b.coming = false
		give()
	})
}

func (r *sharedRef) get(at refPlace, s *refSubscriber, then func(string, *refError)) {
	if outcome := r.tryGet(s); outcome != asyncio.ErrQueueEmpty.Error() {
		then(outcome, nil)
		return
	}
	s.getters.join(r, at, &refAsker{}, func(canceled bool) {
		if canceled {
			then("", refCanceled)
			return
		}
		r.get(at, s, then)
	})
}

func (r *sharedRef) tryGet(s *refSubscriber) string {
	switch {
	case len(s.items) > 0:
		item := s.items[0]
		s.items = s.items[1:]
		r.news.next()
		return fmt.Sprint("got ", item)
	case s.closed || r.news.shut:
		return asyncio.ErrQueueShutDown.Error()
	}
	return asyncio.ErrQueueEmpty.Error()
}

func (r *sharedRef) close(s *refSubscriber) {
	s.closed, s.items = true, nil
	r.news.subscribers = slices.DeleteFunc(r.news.subscribers, func(other *refSubscriber) bool { return other == s })
	r.news.next()
	s.getters.wakeAll()
}

func (b *refBroadcast) shutDown(immediate bool) {
	b.shut = true
	for _, s := range b.subscribers {
		if immediate {
			s.items = nil
		}
		s.getters.wakeAll()
	}
	b.putters.wakeAll()
}

type refWatch struct {
	value int
	line  refAskers
}

func (r *sharedRef) await(at refPlace, least int, then func(string, *refError)) {
	if r.watch.value >= least {
		then(fmt.Sprint(r.watch.value), nil)
		return
	}
	r.watch.line.join(r, at, &refAsker{}, func(canceled bool) {
		switch {
		case canceled:
			then("", refCanceled)
		case r.watch.value >= least:
			then(fmt.Sprint(r.watch.value), nil)
		default:
			r.checkpoint(at.scope, func() { then("", refCanceled) }, func() { r.await(at, least, then) })
		}
	})
}

// do carries out an operation that does not wait.
func (r *sharedRef) do(o sharedOp) string {
	s, l := r.semaphores[o.On], r.locks[o.On]
	done := func(possible bool) string {
		if possible {
			return "ok"
		}
		return "misuse"
	}
	locked := func(taken bool) string { return fmt.Sprint(taken, l.readers+l.writers > 0) }
	switch o.Kind {
	case "try several":
		if o.N == 0 || s.fits(o.N) {
			s.free -= o.N
			return "true"
		}
		return "false"
	case "release", "release several":
		n := o.N
		if o.Kind == "release" {
			n = 1
		}
		if s.bounded && s.free+n > s.size {
			return "misuse"
		}
		if n > 0 {
			s.release(n)
		}
	case "limit":
		s.free += o.N - s.size
		s.size = o.N
		s.serve()
	case "try write":
		return locked(l.try(true))
	case "try read":
		return locked(l.try(false))
	case "write release":
		return done(l.leave(true))
	case "read release":
		return done(l.leave(false))
	case "set":
		r.watch.value = o.N
		r.watch.line.wakeAll()
	default:
		return r.doBroadcast(o)
	}
	return "ok"
}

func (r *sharedRef) doBroadcast(o sharedOp) string {
	b, s := r.news, r.subscribers[o.On]
	switch o.Kind {
	case "subscribe":
		if s != nil {
			return fmt.Sprint(len(s.items))
		}
		s = &refSubscriber{}
		r.subscribers[o.On] = s
		b.subscribers = append(b.subscribers, s)
	case "try put":
		switch {
		case b.shut:
			return asyncio.ErrQueueShutDown.Error()
		case b.busy():
			return asyncio.ErrQueueFull.Error()
		}
		b.give(o.ID)
	case "try get":
		if s == nil {
			return "no subscriber"
		}
		return r.tryGet(s)
	case "close":
		if s != nil {
			r.close(s)
			r.subscribers[o.On] = nil
		}
	case "shut down":
		b.shutDown(o.N == 0)
	}
	return "ok"
}
