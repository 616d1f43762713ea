package timers

import (
	"container/heap"
	"encoding/binary"
	"math"
	"math/rand/v2"
	"testing"
	"time"
)

// A deadline is an element of deadlines.
type deadline struct {
	when  time.Duration
	seq   int
	index int // in the heap; -1: it is not there
}

// deadlines are what Heap has to agree with: a heap of container/heap, from
// which what is stopped is removed at once.
type deadlines []*deadline

func (d deadlines) Len() int { return len(d) }

func (d deadlines) Less(i, j int) bool {
	if d[i].when != d[j].when {
		return d[i].when < d[j].when
	}
	return d[i].seq < d[j].seq
}

func (d deadlines) Swap(i, j int) {
	d[i], d[j] = d[j], d[i]
	d[i].index, d[j].index = i, j
}

func (d *deadlines) Push(x any) {
	x.(*deadline).index = len(*d)
	*d = append(*d, x.(*deadline))
}

func (d *deadlines) Pop() any {
	last := (*d)[len(*d)-1]
	last.index = -1
	*d = (*d)[:len(*d)-1]
	return last
}

// A comparison does the same with a Heap and with the reference.
type comparison struct {
	*testing.T
	heap      Heap[*deadline]
	timers    []Timer[*deadline]
	reference deadlines
	now       time.Duration
	seq       int
}

func compare(t *testing.T, timers int) *comparison {
	c := &comparison{T: t, timers: make([]Timer[*deadline], timers)}
	for i := range c.timers {
		c.timers[i].Payload = &deadline{index: -1}
	}
	return c
}

func (c *comparison) set(i int, when time.Duration) {
	x := &c.timers[i]
	c.remove(x.Payload)
	c.seq++
	x.Payload.when, x.Payload.seq = when, c.seq
	heap.Push(&c.reference, x.Payload)
	c.heap.Set(x, when)
}

func (c *comparison) stop(i int) {
	x := &c.timers[i]
	if want, got := c.remove(x.Payload), c.heap.Stop(x); got != want {
		c.Fatalf("Stop returned %v", got)
	}
}

func (c *comparison) remove(d *deadline) bool {
	if d.index < 0 {
		return false
	}
	heap.Remove(&c.reference, d.index)
	return true
}

// advance lets the clock go on, but not beyond the end of time.
func (c *comparison) advance(by time.Duration) {
	if c.now > math.MaxInt64-by {
		c.now = math.MaxInt64
	} else {
		c.now += by
	}
}

// due takes out one timer that is due, and reports whether there was one.
func (c *comparison) due() bool {
	c.Helper()
	x, when := c.heap.Due(c.now)
	if len(c.reference) == 0 || c.reference[0].when > c.now {
		if x != nil {
			c.Fatalf("a timer at %d is due at %d", when, c.now)
		}
		return false
	}
	want := heap.Pop(&c.reference).(*deadline)
	if x == nil || x.Payload != want || when != want.when || x.IsSet() {
		c.Fatalf("at %d, %v is due, at %d; want number %d, at %d", c.now, x, when, want.seq, want.when)
	}
	return true
}

func (c *comparison) check() {
	c.Helper()
	if c.heap.Len() != len(c.reference) {
		c.Fatalf("%d timers are set, want %d", c.heap.Len(), len(c.reference))
	}
	next, ok := c.heap.Next()
	if ok != (len(c.reference) > 0) || ok && next > c.reference[0].when {
		c.Fatalf("the next deadline is %v, %v", next, ok)
	}
	if err := c.heap.Verify(); err != nil {
		c.Fatal(err)
	}
}

// end takes out all timers.
func (c *comparison) end() {
	c.Helper()
	for c.now = math.MaxInt64; c.due(); {
	}
	c.check()
}

// A world is a way to choose deadlines.
var worlds = map[string]func(r *rand.Rand, now time.Duration) time.Duration{
	"near":            func(r *rand.Rand, now time.Duration) time.Duration { return now + time.Duration(r.IntN(20)) },
	"far and near":    func(r *rand.Rand, now time.Duration) time.Duration { return now + 1<<r.IntN(50) },
	"anywhere":        func(r *rand.Rand, now time.Duration) time.Duration { return time.Duration(r.Int64()) },
	"in the past too": func(r *rand.Rand, now time.Duration) time.Duration { return now + time.Duration(r.IntN(200)-100) },
	"before time":     func(r *rand.Rand, now time.Duration) time.Duration { return time.Duration(r.Int64N(1000) - 500) },
	"at few points":   func(r *rand.Rand, now time.Duration) time.Duration { return now/100*100 + time.Duration(r.IntN(3))*100 },
	"at the end":      func(r *rand.Rand, now time.Duration) time.Duration { return math.MaxInt64 - time.Duration(r.IntN(3)) },
	"at both ends":    func(r *rand.Rand, now time.Duration) time.Duration { return time.Duration(r.Uint64()) },
}

func TestHeapAgreesWithABinaryHeap(t *testing.T) {
	for name, choose := range worlds {
		t.Run("with deadlines "+name, func(t *testing.T) {
			for seed := range uint64(6) {
				r, c := rand.New(rand.NewPCG(seed, 0)), compare(t, 300)
				c.now = -time.Duration(seed) * 100 // a clock may begin before zero
				for range 3000 {
					switch i := r.IntN(len(c.timers)); r.IntN(10) {
					case 0, 1:
						c.stop(i)
					case 2:
						c.advance(time.Duration(r.Int64N(1 << r.IntN(40))))
						for c.due() {
						}
					case 3:
						c.due()
					default:
						c.set(i, choose(r, c.now))
					}
					c.check()
				}
				c.end()
			}
		})
	}
}

func TestHeapSweepsLateTimers(t *testing.T) {
	r, c := rand.New(rand.NewPCG(1, 2)), compare(t, 1000)
	for i := range c.timers {
		c.set(i, time.Duration(r.IntN(500)-400))
	}
	for i := range c.timers {
		if r.IntN(4) > 0 {
			c.stop(i)
			c.check()
		}
	}
	c.end()
}

// FuzzHeap reads its input as a program of ten bytes for each step: what to
// do, to which timer, and a time.
func FuzzHeap(f *testing.F) {
	for seed := range byte(8) {
		program := make([]byte, 10*500)
		_, _ = rand.NewChaCha8([32]byte{seed}).Read(program)
		f.Add(int64(seed)-4, program)
	}
	f.Fuzz(func(t *testing.T, start int64, program []byte) {
		c := compare(t, 256)
		c.now = time.Duration(start)
		for ; len(program) >= 10; program = program[10:] {
			i, raw := int(program[1]), time.Duration(binary.LittleEndian.Uint64(program[2:]))
			short := raw >> (raw & 63) // of any order of magnitude, positive or negative
			switch program[0] % 8 {
			case 0:
				c.set(i, raw)
			case 1:
				c.set(i, short)
			case 2, 3:
				c.set(i, c.now+short)
			case 4:
				c.stop(i)
			case 5:
				c.due()
			case 6:
				c.advance(max(0, short))
				c.due()
			case 7:
				c.advance(max(0, short>>20))
				for c.due() {
				}
			}
			c.check()
		}
		c.end()
	})
}
