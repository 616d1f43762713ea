package coro

import (
	"iter"
	"runtime"
	"sync"

	"github.com/petermattis/goid"
)

// A fact is something about Go's runtime that this package assumes, and that no document
// promises. If a later release of Go changes one, a loop could do damage before it fails;
// so it does not run at all then. docs/design/runtime.md lists all facts.
type fact struct {
	holds  func() bool
	broken string // what is so where it does not hold
}

// Broken returns why no loop may run with this release of Go, and what to do; nothing if
// all facts hold. It finds that out when it is first called, which takes microseconds. Any
// goroutine may call it.
var Broken = sync.OnceValue(func() string { return firstBroken(facts(goid.Get, iter.Pull[struct{}])) })

// firstBroken looks on a goroutine of its own: whoever calls it may be locked to its thread,
// and then Go lets no other goroutine resume a coroutine that was made there.
func firstBroken(facts []fact) (why string) {
	elsewhere(func() {
		for _, f := range facts {
			if !f.holds() {
				why = "asyncio: " + runtime.Version() + " " + f.broken + ": update the modules github.com/asyncio-go/asyncio and github.com/petermattis/goid, or build with an older release of Go"
				return
			}
		}
	})
	return why
}

// A puller is iter.Pull, or a replacement for it in tests.
type puller func(seq iter.Seq[struct{}]) (next func() (struct{}, bool), stop func())

func facts(id func() int64, pull puller) []fact {
	return []fact{
		{func() bool { return agrees(id) }, "keeps the number of a goroutine in another place"},
		{func() bool { return switches(id, pull) }, "has coroutines (iter.Pull) that are no goroutines of their own, or that only one goroutine may resume"},
		{func() bool { return refuses(pull) }, "does not panic when a coroutine (iter.Pull) resumes itself"},
		{func() bool { return outlivesGoexit(pull) }, "does not let a coroutine (iter.Pull) suspend while it ends by runtime.Goexit"},
	}
}

// agrees compares id with slowID on two goroutines. Package goid reads a field of the
// runtime: it knows where the field is in each release of Go, and assumes the same place
// for later releases.
func agrees(id func() int64) bool {
	there := false
	elsewhere(func() { there = id() == slowID() })
	return there && id() == slowID()
}

// slowID reads the identity in the first line of the goroutine's stack, "goroutine 1
// [running]:".
func slowID() int64 {
	var line [64]byte
	return goid.ExtractGID(line[:runtime.Stack(line[:], false)])
}

// switches looks whether a coroutine is the same goroutine all its life, and not one of
// those that resume it.
func switches(id func() int64, pull puller) bool {
	var ids [2]int64
	next, _ := pull(func(yield func(struct{}) bool) {
		ids[0] = id()
		yield(struct{}{})
		ids[1] = id()
	})
	next()
	elsewhere(func() { next() })
	return ids[0] != 0 && ids[0] == ids[1] && ids[0] != id()
}

// refuses looks whether a coroutine that resumes itself gets a panic, and goes on after
// it. TryResume depends on that.
func refuses(pull puller) bool {
	refused, over := false, false
	var next func() (struct{}, bool)
	next, _ = pull(func(yield func(struct{}) bool) {
		func() {
			defer func() { refused = recover() != nil }()
			next()
		}()
		yield(struct{}{})
		over = true
	})
	next()
	next()
	return refused && over
}

// outlivesGoexit looks whether a coroutine can suspend in a deferred function while a
// Goexit unwinds it, and whether the Goexit then goes on in whoever resumes it.
func outlivesGoexit(pull puller) bool {
	suspended, returned := false, false
	elsewhere(func() {
		next, _ := pull(func(yield func(struct{}) bool) {
			defer yield(struct{}{})
			runtime.Goexit()
		})
		next()
		suspended = true
		next()
		returned = true
	})
	return suspended && !returned
}

// elsewhere calls f on another goroutine and waits for its end.
func elsewhere(f func()) {
	var other sync.WaitGroup
	other.Go(f)
	other.Wait()
}
