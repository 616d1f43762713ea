package console

import (
	"fmt"
	"testing"

	"github.com/asyncio-go/asyncio/internal/engine"
)

// numbered returns a batch of records whose task is their number, from first on.
func numbered(first, n int, text func(i int) string) *batch {
	b := &batch{}
	for i := first; i < first+n; i++ {
		r := record{kind: engine.Yields, at: int64(i), task: uint64(i)}
		if text != nil {
			b.texts = append(b.texts, text(i))
			r.text = uint16(len(b.texts))
		}
		b.recs = append(b.recs, r)
	}
	return b
}

func TestHistoryKeepsTheNewest(t *testing.T) {
	h := newHistory(256 << 10)
	const n = 100_000
	for i := 0; i < n; i += 500 {
		h.add(numbered(i, 500, nil))
	}
	if h.bytes > h.limit {
		t.Errorf("%d bytes are kept, the limit is %d", h.bytes, h.limit)
	}
	var kept, next int
	for r := range h.since(0) {
		if kept == 0 {
			next = int(r.task)
		}
		if int(r.task) != next {
			t.Fatalf("record %d is followed by %d", next-1, r.task)
		}
		next++
		kept++
	}
	if next != n {
		t.Errorf("the newest is %d, not %d", next-1, n-1)
	}
	if h.added != n || h.evicted != uint64(n-kept) {
		t.Errorf("%d added, %d evicted, %d kept of %d", h.added, h.evicted, kept, n)
	}
	if least := h.limit / recordBytes / 2; kept < least {
		t.Errorf("only %d records are kept in %d bytes", kept, h.limit)
	}
}

func TestHistoryBoundsTexts(t *testing.T) {
	h := newHistory(leastHistory)
	const n = 20_000
	for i := 0; i < n; i += 500 {
		h.add(numbered(i, 500, func(i int) string { return fmt.Sprintf("a task with a name that is its own: %d", i) }))
	}
	if h.bytes > h.limit {
		t.Errorf("%d bytes are kept, the limit is %d", h.bytes, h.limit)
	}
	kept := 0
	for r, text := range h.since(0) {
		kept++
		if want := fmt.Sprintf("a task with a name that is its own: %d", r.task); text != want {
			t.Fatalf("record %d has the text %q", r.task, text)
		}
	}
	if h.evicted != uint64(n-kept) || kept == 0 {
		t.Errorf("%d kept and %d evicted of %d", kept, h.evicted, n)
	}
}

func TestHistoryHasATextOnce(t *testing.T) {
	h := newHistory(0)
	h.add(numbered(0, 1000, func(int) string { return "the same" }))
	h.add(numbered(1000, 1000, func(int) string { return "the same" }))
	if n := len(h.segments[0].texts); n != 1 {
		t.Errorf("the same text is kept %d times", n)
	}
}

func TestHistoryBackward(t *testing.T) {
	h := newHistory(leastHistory)
	h.add(numbered(0, 5000, nil))
	next := uint64(4999)
	for r := range h.backward {
		if r.task != next {
			t.Fatalf("%d comes after %d", r.task, next+1)
		}
		next--
	}
}
