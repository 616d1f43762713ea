package engine

import (
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync/atomic"
	"testing"
	"time"
)

// A diary is work that notes what is done with it, and how many the loop expects
// at that time.
type diary struct {
	Call[int]
	lines   []string
	dropped chan bool
}

func (d *diary) note(what string) {
	d.lines = append(d.lines, fmt.Sprint(what, " ", d.loop.Outside.Load()))
}

func (d *diary) Done(err error) {
	d.Call.Done(err)
	d.note("done")
}

func (d *diary) Fire() {
	d.note("fire")
	d.loop.Stop()
}

func (d *diary) Drop() {
	d.note("drop")
	close(d.dropped)
}

// newOutsideLoop returns a loop that counts what runs outside of it and notes
// what is reported.
func newOutsideLoop(c Clock, p Poller, reports *[]string) *Loop {
	l := new(Loop)
	l.Init(c, p, nil)
	l.Outside = new(atomic.Int64)
	l.PanicError = func(value any, _ []byte) error { return fmt.Errorf("panic: %v", value) }
	l.Report = func(r Report) { *reports = append(*reports, fmt.Sprint(r.Message, ": ", r.Err)) }
	return l
}

func TestOffload(t *testing.T) {
	errBoom := errors.New("boom")
	for name, test := range map[string]struct {
		fn      func() (int, error)
		value   int
		err     string
		reports []string
	}{
		"returns":      {func() (int, error) { return 1, nil }, 1, "<nil>", nil},
		"fails":        {func() (int, error) { return 2, errBoom }, 2, "boom", nil},
		"panics":       {func() (int, error) { panic("bang") }, 0, "panic: bang", []string{"panic in a thread: panic: bang"}},
		"calls Goexit": {func() (int, error) { runtime.Goexit(); return 3, nil }, 0, ErrGoexit.Error(), nil},
	} {
		t.Run("whose function "+name+" tells the loop", func(t *testing.T) {
			var reports []string
			l := newOutsideLoop(new(steps), newWakingPoller(), &reports)
			d := &diary{dropped: make(chan bool)}
			d.Start(l, d, test.fn)
			if err := l.Run(); err != nil {
				t.Fatal(err)
			}
			if d.Value != test.value || fmt.Sprint(d.Err) != test.err || !slices.Equal(reports, test.reports) {
				t.Errorf("%d, %v, and %q was reported", d.Value, d.Err, reports)
			}
			if want := "done 1"; len(d.lines) != 2 || d.lines[0] != want {
				t.Errorf("%q", d.lines)
			}
		})
	}
	t.Run("that comes to a closed loop is dropped, and no longer expected", func(t *testing.T) {
		l := newOutsideLoop(nil, new(countingPoller), new([]string))
		d := &diary{dropped: make(chan bool)}
		release := make(chan bool)
		d.Start(l, d, func() (int, error) { <-release; return 1, nil })
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
		close(release)
		<-d.dropped
		if want := []string{"done 1", "drop 0"}; !slices.Equal(d.lines, want) {
			t.Errorf("%q, want %q", d.lines, want)
		}
	})
}

// A wakingPoller waits until it is woken, and for nothing else.
type wakingPoller struct {
	countingPoller
	woken chan bool
}

func newWakingPoller() *wakingPoller { return &wakingPoller{woken: make(chan bool, 1)} }

func (p *wakingPoller) Wait(time.Duration) error { <-p.woken; return nil }
func (p *wakingPoller) Wake() error              { p.woken <- true; return nil }
