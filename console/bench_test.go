package console

import (
	"testing"

	"github.com/asyncio-go/asyncio/internal/engine"
)

// BenchmarkAdd is what an event costs the collector. A switch of tasks is two or three.
func BenchmarkAdd(b *testing.B) {
	w := newWatched(1, "loop 1", newFakeLoop(), 0, func() {})
	var n batch
	at := int64(1000)
	for id := uint64(1); id <= 128; id++ {
		n.recs = append(n.recs,
			record{kind: engine.Woken, at: at, task: id, label: engine.LabelTask, arg: id%128 + 1},
			record{kind: engine.Waits, from: at + 10, at: at + 20, task: id, label: labelLock, arg: 3})
		at += 30
	}
	b.ReportAllocs()
	for i := 0; i < b.N; i += len(n.recs) {
		w.add(&n)
	}
}

// BenchmarkSnapshot is what a snapshot of 10,000 tasks costs, beside the loop.
func BenchmarkSnapshot(b *testing.B) {
	f := newFakeLoop()
	for id := range uint64(10_000) {
		f.state.Tasks = append(f.state.Tasks, waitingFor(id+1, "lock", 1, id/2+1))
	}
	w := newWatched(1, "loop 1", f, 0, func() {})
	sub := w.subscribe()
	b.ReportAllocs()
	for b.Loop() {
		w.mu.Lock()
		w.ask()
		w.answered()
		w.judge()
		w.tellState()
		w.mu.Unlock()
		<-sub.C
	}
}
