package poller

import (
	"os"
	"testing"
	"time"
)

func TestEpollClose(t *testing.T) {
	open := func() int {
		files, err := os.ReadDir("/proc/self/fd")
		if err != nil {
			t.Skip(err)
		}
		return len(files)
	}
	first, err := newSystem() // the runtime's own poller opens what stays
	if err != nil {
		t.Fatal(err)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	before := open()
	p, err := newSystem()
	if err != nil {
		t.Fatal(err)
	}
	if n := open(); n != before+1 {
		t.Errorf("it has %d descriptors, want 1", n-before)
	}
	if err := p.Close(); err != nil {
		t.Error(err)
	}
	if n := open(); n != before {
		t.Errorf("%d descriptors are left", n-before)
	}
	t.Run("makes waits fail", func(t *testing.T) {
		if err := p.Wait(time.Hour); err == nil {
			t.Error("a wait did not fail")
		}
	})
}

func TestEpollWaitsLongerThanItCan(t *testing.T) {
	p, err := newSystem()
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	mustWake(t, p)
	mustWait(t, p, 1<<63-1)
}
