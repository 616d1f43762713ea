package console

import (
	"sync"
	"time"

	"github.com/asyncio-go/asyncio/internal/wire"
)

// queueBytes bounds what waits for a client that reads slowly, by about the number of
// bytes to send.
const queueBytes = 1 << 20

// A client has subscribed to a loop. The mutex of that loop guards it.
type client struct {
	c       chan any
	queue   []queued // what does not fit into c
	bytes   int      // of all that, and of c
	inC     []int    // the bytes of what is in c, oldest first
	lost    uint64   // events of frames that did not fit, since the last that did
	missed  uint64   // the same since the client has come
	version uint64   // of the table that the client has; 0: it has none that changes can be told of
	begun   bool     // it has got a state
	closed  bool
}

type queued struct {
	item  any
	bytes int
}

func newClient() *client { return &client{c: make(chan any, 4)} }

// frame queues a frame, unless too much waits already; then the next one counts its
// events.
func (c *client) frame(f *wire.LiveFrame) {
	size := sizeOfFrame(f)
	if !c.fits(size) {
		c.lost += uint64(len(f.Rec)) + uint64(f.Sampled) + f.Lost
		c.missed += uint64(len(f.Rec)) + uint64(f.Sampled)
		return
	}
	own := *f // what is in it is shared, and never changes
	own.Lost += c.lost
	own.Dropped += c.missed
	c.lost = 0
	c.put(&own, size)
}

// state queues the state, of which tab knows the lines: the changes, or all of it for a
// client that has not got all changes before.
func (c *client) state(s *wire.Snapshot, tab *table) {
	st := &wire.State{Snapshot: *s, Gone: tab.gone}
	if c.version != 0 && c.version == tab.version-1 {
		st.Tasks = tab.changes()
	} else {
		st.Full, st.Gone = true, []uint64{}
	}
	size := sizeOfState(st)
	if !c.fits(size) {
		return // the next one that fits is full
	}
	st.Dropped += c.missed
	c.version, c.begun = tab.version, true
	c.put(st, size)
}

// stale queues a state which only says that the loop does not answer. A client that has
// no state yet gets the last known one; its next state is a full one again.
func (c *client) stale(s *wire.Snapshot) {
	st := &wire.State{Snapshot: *s, Gone: []uint64{}, Full: !c.begun}
	if c.begun {
		st.Tasks = []wire.Task{}
	}
	size := sizeOfState(st)
	if !c.fits(size) {
		return
	}
	st.Dropped += c.missed
	c.begun = true
	c.put(st, size)
}

// fits reports whether something can be queued. A client that has read all gets
// anything, however large it is.
func (c *client) fits(size int) bool {
	c.settle()
	return c.bytes == 0 || c.bytes+size <= queueBytes
}

// settle notes what the client has taken out of its channel.
func (c *client) settle() {
	for len(c.inC) > len(c.c) {
		c.bytes -= c.inC[0]
		c.inC = c.inC[1:]
	}
}

func (c *client) put(item any, size int) {
	c.queue = append(c.queue, queued{item, size})
	c.bytes += size
	c.flush()
}

// flush hands over what the channel has room for.
func (c *client) flush() {
	c.settle()
	for len(c.queue) > 0 && !c.closed {
		select {
		case c.c <- c.queue[0].item:
			c.inC = append(c.inC, c.queue[0].bytes)
			c.queue[0] = queued{}
			c.queue = c.queue[1:]
		default:
			return
		}
	}
}

// close ends the client's channel, with what is in it already.
func (c *client) close() {
	if !c.closed {
		c.closed = true
		c.queue = nil
		close(c.c)
	}
}

// subscribe adds a client, which may want to know of the last seconds as well.
func (w *watched) subscribe(past int) *subscription {
	if past > 0 {
		w.attend()
		w.takeAll(time.Now().Add(foldAtMost)) // what is taken in later comes in the frames
	}
	c := newClient()
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.over {
		c.close()
		return &subscription{C: c.c, close: func() {}}
	}
	w.rouse()
	if len(w.clients) == 0 {
		w.frame.restart(w.src.now())
		w.frame.dropped = w.dropped
	} else if past > 0 {
		w.order.flush()
		w.tellFrame() // what others are still to be told is in the past of this one
	}
	sub := &subscription{C: c.c, close: sync.OnceFunc(func() { w.unsubscribe(c) })}
	if past > 0 {
		sub.past = w.newReplay(past).frames
	}
	w.clients = append(w.clients, c)
	if w.stale {
		c.stale(w.snapshot(0))
	}
	w.nextView = time.Time{} // it wants the state at once
	w.poke()
	return sub
}

func (w *watched) unsubscribe(c *client) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for i, o := range w.clients {
		if o == c {
			w.clients = append(w.clients[:i:i], w.clients[i+1:]...)
			w.asked = time.Now()
			c.close()
			return
		}
	}
}

// The approximate sizes of things as JSON.
func sizeOfFrame(f *wire.LiveFrame) int {
	n := 150 + 45*len(f.Rec) + 40*len(f.Bins)
	for _, t := range f.Text {
		n += len(t) + 3
	}
	return n
}

func sizeOfState(s *wire.State) int {
	n := 1000 + 120*(len(s.Groups)+len(s.Objects)) + 60*(len(s.Timers)+len(s.Threads)) + 400*len(s.Warnings)
	for i := range s.Tasks {
		t := &s.Tasks[i]
		n += 250 + len(t.Name) + len(t.Error) + 100*len(t.Created)
		if t.Wait != nil {
			n += 120 + len(t.Wait.Text)
		}
	}
	return n
}
