package coro

import (
	"iter"
	"runtime"
	"strings"
	"testing"

	"github.com/petermattis/goid"
)

func TestTheFactsHoldWithThisReleaseOfGo(t *testing.T) {
	if broken := Broken(); broken != "" {
		t.Errorf("no loop will run: %s", broken)
	}
}

// A program may run its first loop on a thread that it has locked, as those with windows do.
func TestTheFactsAreLookedAtOnALockedThread(t *testing.T) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if broken := firstBroken(facts(goid.Get, iter.Pull[struct{}])); broken != "" {
		t.Error(broken)
	}
}

// onOwnStack is an iter.Pull of a runtime whose coroutines are no goroutines: the whole
// iterator runs at the first call.
func onOwnStack(seq iter.Seq[struct{}]) (next func() (struct{}, bool), stop func()) {
	n, begun := 0, false
	return func() (struct{}, bool) {
		if !begun {
			begun = true
			seq(func(struct{}) bool { n++; return true })
		}
		n--
		return struct{}{}, n >= 0
	}, func() {}
}

// forgiving is an iter.Pull that does not panic when it refuses.
func forgiving(seq iter.Seq[struct{}]) (next func() (struct{}, bool), stop func()) {
	refusing, stop := iter.Pull(seq)
	return func() (v struct{}, ok bool) {
		defer func() { _ = recover() }()
		return refusing()
	}, stop
}

// unwinding is an iter.Pull whose coroutine cannot suspend once a Goexit unwinds it.
func unwinding(seq iter.Seq[struct{}]) (next func() (struct{}, bool), stop func()) {
	return iter.Pull(func(yield func(struct{}) bool) {
		seq(func(struct{}) bool {
			if strings.Contains(string(OwnStack()), "runtime.Goexit") {
				return false
			}
			return yield(struct{}{})
		})
	})
}

func TestAFactThatDoesNotHoldIsFound(t *testing.T) {
	own := slowID()
	for name, c := range map[string]struct {
		id   func() int64
		pull puller
		want string
	}{
		"the identity is always wrong":             {func() int64 { return -1 }, iter.Pull[struct{}], "keeps the number of a goroutine in another place"},
		"the identity is right on one goroutine":   {func() int64 { return own }, iter.Pull[struct{}], "keeps the number of a goroutine in another place"},
		"coroutines are no goroutines":             {goid.Get, onOwnStack, "no goroutines of their own"},
		"a coroutine that runs may be resumed":     {goid.Get, forgiving, "does not panic when a coroutine"},
		"a Goexit cannot be held in its coroutine": {goid.Get, unwinding, "suspend while it ends by runtime.Goexit"},
	} {
		t.Run(name, func(t *testing.T) {
			got := firstBroken(facts(c.id, c.pull))
			if !strings.Contains(got, c.want) || !strings.HasPrefix(got, "asyncio: "+runtime.Version()) || !strings.Contains(got, "update the modules") {
				t.Errorf("it says %q, want %q in it", got, c.want)
			}
		})
	}
}

func TestLabelsAreAlwaysUsedWhereTheirKeyIsNotFound(t *testing.T) {
	if LabelKey == nil {
		t.Error("this release of Go does not show the key of labels; all tasks pay for them now")
	}
	for name, ask := range map[string]labelAsker{
		"the context is not asked":   func(*keyProbe) {},
		"it is asked something else": func(p *keyProbe) { p.Value("another key") },
	} {
		if key, found := findLabelKey(ask); found {
			t.Errorf("%s, and the key is %v", name, key)
		}
	}
}

func TestAGoroutineCountsAsLockedWhereItsStackDoesNotSay(t *testing.T) {
	if OneThread {
		t.Skip("there is only one thread")
	}
	if !tellsLock(ownHeader) {
		t.Error("this release of Go does not say in a stack that a goroutine is locked; Task.Stack stops the world now")
	}
	if LockedToThread() {
		t.Error("the test is said to be locked")
	}
	if tellsLock(func() []byte { return []byte("goroutine 1 [running]:") }) {
		t.Error("a header without a word about it is trusted")
	}
}

func BenchmarkFacts(b *testing.B) {
	for b.Loop() {
		firstBroken(facts(goid.Get, iter.Pull[struct{}]))
	}
}
