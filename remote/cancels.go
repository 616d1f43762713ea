package remote

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// cancels knows which jobs are to be canceled: the marks in P_CANCELS, from the beginning.
type cancels struct {
	setup  setup
	js     jetstream.JetStream
	prefix string // of the subjects
	heard  func(jobKey)
	ready  chan struct{} // closed when it has read what was there
	once   sync.Once
	marked follower

	ended    context.Context // by stop
	end      context.CancelFunc
	doubt    chan struct{} // the stream may be another one
	watching sync.WaitGroup

	mu    sync.Mutex
	marks map[jobKey]time.Time // when each was set, by the server's clock
	order []mark               // the oldest first: the stream forgets them in that order, too
}

// A mark says that a job is to be canceled. If its job is marked again, it means nothing
// any more.
type mark struct {
	job  jobKey
	when time.Time
}

// newCancels calls heard, on a goroutine, for each mark that it reads, once it is opened.
func newCancels(s setup, js jetstream.JetStream, heard func(jobKey)) *cancels {
	c := &cancels{
		setup: s, js: js, prefix: s.names.prefix + ".cancel.", heard: heard, ready: make(chan struct{}),
		doubt: make(chan struct{}, 1), marks: map[jobKey]time.Time{},
	}
	c.ended, c.end = context.WithCancel(context.Background())
	return c
}

// open blocks until it knows the marks that were there. Whether it works or not, stop ends
// what it has begun, also if that was called before.
func (c *cancels) open(ctx context.Context, stream jetstream.Stream) error {
	info, err := stream.Info(ctx)
	if err != nil {
		return err
	}
	if err := c.watch(); err != nil {
		return err
	}
	if err := c.follow(ctx, stream); err != nil {
		return err
	}
	if info.State.Msgs == 0 {
		c.once.Do(func() { close(c.ready) })
	}
	select {
	case <-c.ready:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (c *cancels) follow(ctx context.Context, stream jetstream.Stream) error {
	return c.marked.follow(ctx, stream, jetstream.OrderedConsumerConfig{}, c.read,
		jetstream.ConsumeErrHandler(func(jetstream.ConsumeContext, error) { c.look() }))
}

// look lets the goroutine of watch look whether the stream is still the same.
func (c *cancels) look() {
	select {
	case c.doubt <- struct{}{}:
	default: // it will look anyway
	}
}

// watch looks whether the stream is still the same, on a goroutine, until stop: after each
// new connection, when the consumer has trouble, a second after that, because a stream that
// is about to be deleted still looks the same, and now and then.
func (c *cancels) watch() error {
	c.mu.Lock() // stop waits for the goroutine only if it sees it
	defer c.mu.Unlock()
	if c.ended.Err() != nil {
		return ErrClosed
	}
	nc := c.js.Conn()
	status := nc.StatusChanged(nats.CONNECTED)
	c.watching.Go(func() {
		defer nc.RemoveStatusListener(status)
		again := time.NewTimer(lookEvery)
		defer again.Stop()
		for from := status; ; {
			select {
			case <-c.ended.Done():
				return
			case <-c.doubt:
				again.Reset(time.Second)
			case <-again.C:
				again.Reset(lookEvery)
			case _, open := <-from:
				if !open { // the connection is closed for good
					from = nil
				}
			}
			untilDone(c.ended, c.reopen)
		}
	})
	return nil
}

// reopen begins anew if the stream was made anew, and makes it if it is gone: otherwise the
// place of the next mark in the stream could be one that was passed long ago.
func (c *cancels) reopen(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	stream, err := c.js.Stream(ctx, c.setup.names.cancels())
	if errors.Is(err, jetstream.ErrStreamNotFound) {
		var all streams
		all, err = c.setup.reopen(ctx, c.js)
		stream = all.cancels
	}
	if err != nil || c.marked.follows(stream) {
		return err
	}
	return c.follow(ctx, stream)
}

// stop ends the reading. It blocks until nothing of it is left.
func (c *cancels) stop() {
	c.mu.Lock()
	c.end()
	c.mu.Unlock()
	c.marked.stop()
	c.watching.Wait()
}

func (c *cancels) read(m jetstream.Msg) {
	client, id, ok := strings.Cut(strings.TrimPrefix(m.Subject(), c.prefix), ".")
	meta, err := m.Metadata()
	if k := (jobKey{client, id}); ok && err == nil {
		c.add(mark{k, meta.Timestamp})
		c.heard(k)
	}
	if err != nil || meta.NumPending == 0 {
		c.once.Do(func() { close(c.ready) })
	}
}

func (c *cancels) add(m mark) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.isNewest(m) { // read again
		return
	}
	c.marks[m.job] = m.when
	c.order = append(c.order, m)
	if len(c.order) > 2*maxCancels {
		c.order = slices.DeleteFunc(c.order, func(m mark) bool { return !c.isNewest(m) })
	}
	for len(c.marks) > maxCancels {
		if c.isNewest(c.order[0]) {
			delete(c.marks, c.order[0].job)
		}
		c.order = c.order[1:]
	}
}

// isNewest reports whether a mark is the last one of its job.
func (c *cancels) isNewest(m mark) bool {
	when, known := c.marks[m.job]
	return known && when.Equal(m.when)
}

// clocksDiffer is by how much the clocks of servers in a cluster may differ.
const clocksDiffer = time.Second

// has reports whether a job has a mark. A mark from long before the job was submitted is
// that of an earlier job with the same id.
func (c *cancels) has(k jobKey, submitted time.Time) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	when, marked := c.marks[k]
	return marked && when.After(submitted.Add(-clocksDiffer))
}

// cancelRunning is called for each new mark. If the job runs here, its client hears that
// this worker will end it, and its context is canceled.
func (w *worker) cancelRunning(k jobKey) {
	w.mu.Lock()
	var found *delivery
	for d := range w.jobs {
		if d.key == k && d.runs && w.cancels.has(k, d.submitted) {
			found = d
		}
	}
	w.mu.Unlock()
	if found != nil && found.lease.held() {
		_ = found.tell(event{Claims: true}) // without it, the client cancels the job itself
		found.stop(asyncio.ErrCanceled)
	}
}
