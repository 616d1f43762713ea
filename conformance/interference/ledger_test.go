package interference

import (
	"fmt"
	"sync"
	"testing"

	"github.com/asyncio-go/asyncio"
)

// A failure is an error that a program makes: each is one of its kind, so that the
// ledger can tell whether it was lost.
type failure struct {
	id    int
	where string
}

func (f *failure) Error() string { return fmt.Sprintf("failure %d of %s", f.id, f.where) }

// A ledger keeps account of the errors and of the items of a program. Any goroutine
// may use it.
type ledger struct {
	mu    sync.Mutex
	ids   int
	owed  map[int]*failure // made, and not yet seen by anyone
	items map[int]string   // where each item is
}

func newLedger() *ledger { return &ledger{owed: map[int]*failure{}, items: map[int]string{}} }

// fail makes an error, which somebody has to see.
func (l *ledger) fail(where string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.ids++
	f := &failure{l.ids, where}
	l.owed[f.id] = f
	return f
}

// see takes note that somebody was given an error, with all that is in it.
func (l *ledger) see(err error) {
	switch x := err.(type) {
	case nil:
	case *failure:
		l.mu.Lock()
		defer l.mu.Unlock()
		delete(l.owed, x.id)
	case *asyncio.PanicError:
		if inner, ok := x.Value.(error); ok {
			l.see(inner)
		}
	case interface{ Unwrap() []error }:
		for _, inner := range x.Unwrap() {
			l.see(inner)
		}
	case interface{ Unwrap() error }:
		l.see(x.Unwrap())
	}
}

// offer returns a new item, for a queue or a channel.
func (l *ledger) offer() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.ids++
	l.items[l.ids] = "offered"
	return l.ids
}

// accepted takes note of how a Put has ended.
func (l *ledger) accepted(t testing.TB, item int, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch at := l.items[item]; {
	case err == nil && at == "offered":
		l.items[item] = "accepted"
	case err != nil && at == "taken":
		t.Errorf("item %d was taken, and its Put has failed: %v", item, err)
	case err != nil:
		delete(l.items, item)
	}
}

// taken takes note that somebody got an item.
func (l *ledger) taken(t testing.TB, item int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if at := l.items[item]; at != "accepted" && at != "offered" { // it may be taken before Put has returned
		t.Errorf("item %d was taken, and is %q", item, at)
	}
	l.items[item] = "taken"
}

// checkErrors expects, at the end of a program, that all errors were seen.
func (l *ledger) checkErrors(t testing.TB) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, f := range l.owed {
		t.Errorf("lost: %v", f)
	}
}

// checkItems expects, at the end of a program, that all items were taken.
func (l *ledger) checkItems(t testing.TB) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for item, at := range l.items {
		if at != "taken" {
			t.Errorf("item %d is lost: it was %s", item, at)
		}
	}
}
