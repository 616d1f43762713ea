package remote

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// A network is what an executor has on other goroutines. No method of a connection is
// called on the loop: each can block, if only because the connection is being made again.
type network struct {
	js      jetstream.JetStream
	streams streams
	sender  sender
	results follower

	mu        sync.Mutex
	closed    bool
	events    *nats.Subscription // made when it is needed
	listening bool               // it is made, or about to be; for the loop only
	status    chan nats.Status
	jobsMade  time.Time // when the stream of jobs was
	cutOff    time.Time // since when results may have come and gone unseen; zero: none have

	sentMu sync.Mutex
	sent   map[*nats.Msg]func(duplicate bool, err error) // publications that are not confirmed
}

// ackTimeout is how long a publication may be without an answer before it is done again.
const ackTimeout = 5 * time.Second

// noLimit is for the library's own window of publications, in which it would block.
const noLimit = 1 << 30

// open opens everything. It is called on a goroutine of its own, and may go on after the
// executor has been closed.
func (n *network) open(ctx context.Context, x *Executor) (err error) {
	n.sent = map[*nats.Msg]func(bool, error){}
	js, err := jetstream.New(x.nc,
		jetstream.WithPublishAsyncMaxPending(noLimit),
		jetstream.WithPublishAsyncTimeout(ackTimeout),
		jetstream.WithPublishAsyncAckHandler(func(_ jetstream.JetStream, m *nats.Msg, ack *jetstream.PubAck) { n.confirm(m, ack.Duplicate, nil) }),
		jetstream.WithPublishAsyncErrHandler(func(_ jetstream.JetStream, m *nats.Msg, err error) { n.confirm(m, false, err) }))
	if err != nil {
		return fmt.Errorf("remote: %w", err)
	}
	n.mu.Lock() // close may look at it meanwhile
	n.js = js
	n.mu.Unlock()
	if n.streams, err = x.config.open(ctx, js); err != nil {
		return err
	}
	x.noteLimits(n.streams.jobs.CachedInfo())
	n.haveOtherJobs(n.streams.jobs)
	last := n.streams.results.CachedInfo().State.LastSeq
	if err := n.consume(ctx, x, n.streams.results, last+1); err != nil {
		return err
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if !n.closed && ctx.Err() == nil {
		n.status = x.nc.StatusChanged(nats.CONNECTED, nats.RECONNECTING, nats.CLOSED)
		go x.watchStatus(n.status)
		go x.lookAround()
		n.sender.start()
	}
	return ctx.Err()
}

// consume begins to receive results. The first sequence is a number, and not "new ones":
// a consumer that is made again before anything has come would lose those in between.
func (n *network) consume(ctx context.Context, x *Executor, results jetstream.Stream, first uint64) error {
	err := n.results.follow(ctx, results, jetstream.OrderedConsumerConfig{
		FilterSubjects: []string{x.config.resultsOf(x.config.client)},
		DeliverPolicy:  jetstream.DeliverByStartSequencePolicy, OptStartSeq: first,
	}, x.receive)
	if err != nil && !errors.Is(err, ErrClosed) {
		err = fmt.Errorf("remote: a consumer of results: %w", explained(err))
	}
	return err
}

// noteLimits notes how large a message may be. The connection is asked here, and not on
// the loop.
func (x *Executor) noteLimits(jobs *jetstream.StreamInfo) {
	limit := x.nc.MaxPayload()
	if own := int64(jobs.Config.MaxMsgSize); own > 0 && (own < limit || limit <= 0) {
		limit = own
	}
	x.maxInput.Store(limit)
}

// publish sends a message when it is its turn, and has then called on the loop, once, when
// the server has stored it or refused it, or when that cannot be known. For the loop only.
func (x *Executor) publish(m *nats.Msg, then func(duplicate bool, err error)) {
	n := &x.network
	n.sender.do(func() {
		n.sentMu.Lock()
		n.sent[m] = func(duplicate bool, err error) { x.mail.post(func() { then(duplicate, err) }) }
		n.sentMu.Unlock()
		if _, err := n.js.PublishMsgAsync(m); err != nil {
			n.confirm(m, false, err)
		}
	}, func() { x.mail.post(func() { then(false, ErrClosed) }) })
}

// confirm ends a publication. The library may call it with a lock of its own held.
func (n *network) confirm(m *nats.Msg, duplicate bool, err error) {
	n.sentMu.Lock()
	then := n.sent[m]
	delete(n.sent, m)
	n.sentMu.Unlock()
	if then != nil {
		then(duplicate, err)
	}
}

// close ends everything, once what was to be sent is sent.
func (n *network) close(x *Executor) {
	n.sender.stop()
	n.results.stop()
	n.mu.Lock()
	defer n.mu.Unlock()
	n.closed = true
	if n.events != nil {
		_ = n.events.Unsubscribe() // it fails if the connection is closed, and then there is none
	}
	if n.status != nil {
		x.nc.RemoveStatusListener(n.status)
	}
	if n.js != nil {
		n.js.CleanupPublisher() // ends publications that are not confirmed
	}
	if x.owned {
		x.nc.Close()
	}
}

// A sender does what can block, one after another, on a goroutine of its own.
type sender struct {
	mu      sync.Mutex
	queue   []sending
	wake    sync.Cond
	started bool
	stopped bool
	done    chan struct{}
}

// A sending is to be done, or refused if the sender has stopped.
type sending struct{ do, refuse func() }

func (s *sender) start() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.wake.L = &s.mu
	s.done = make(chan struct{})
	s.started = true
	go s.run()
}

// do adds to the queue. It does not block.
func (s *sender) do(do, refuse func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopped {
		refuse()
		return
	}
	s.queue = append(s.queue, sending{do, refuse})
	s.wake.Signal()
}

func (s *sender) run() {
	defer close(s.done)
	for {
		s.mu.Lock()
		for len(s.queue) == 0 && !s.stopped {
			s.wake.Wait()
		}
		queue := s.queue
		s.queue = nil
		s.mu.Unlock()
		if len(queue) == 0 {
			return
		}
		for _, one := range queue {
			one.do()
		}
	}
}

// stop lets the sender do what is in its queue, and waits for that.
func (s *sender) stop() {
	s.mu.Lock()
	started := s.started
	if s.stopped = true; started {
		s.wake.Signal()
	}
	s.mu.Unlock()
	if started {
		<-s.done
	}
}
