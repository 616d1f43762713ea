package remote

import (
	"context"
	"sync"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// A follower reads a stream with an ordered consumer. Such a consumer finds its place again
// by itself, after a lost connection for example, but by its sequence number: when the
// stream is gone and was made anew, it would wait for a number that may be far away, and so
// it has to begin anew. Any goroutine may use a follower.
type follower struct {
	mu      sync.Mutex
	stopped bool
	reader  *reader
	created time.Time // when the stream was
}

// A reader is one ordered consumer that is read.
type reader struct {
	jetstream.ConsumeContext
	consumer jetstream.Consumer
	stream   jetstream.Stream
}

// end removes the consumer from the server as well, which would keep it for five minutes:
// short-lived programs would add up to many. It blocks, and not for long.
func (r *reader) end() {
	r.Stop()
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	_ = r.stream.DeleteConsumer(ctx, r.consumer.CachedInfo().Name) // otherwise the server does it later
}

// follow begins to read, in place of what was read before. It blocks. It returns ErrClosed
// after stop.
func (f *follower) follow(ctx context.Context, s jetstream.Stream, c jetstream.OrderedConsumerConfig, read jetstream.MessageHandler, opts ...jetstream.PullConsumeOpt) error {
	consumer, err := s.OrderedConsumer(ctx, c)
	if err != nil {
		return err
	}
	reading, err := consumer.Consume(read, opts...)
	if err != nil {
		return err
	}
	r := &reader{reading, consumer, s}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.stopped {
		r.end()
		return ErrClosed
	}
	if f.reader != nil {
		f.reader.end()
	}
	f.reader, f.created = r, s.CachedInfo().Created
	return nil
}

// follows reports whether it reads this stream, and not one of the same name that is gone.
func (f *follower) follows(s jetstream.Stream) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.created.Equal(s.CachedInfo().Created)
}

// stop ends the reading for good, also before it has begun.
func (f *follower) stop() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.stopped = true
	if f.reader != nil {
		f.reader.end()
		f.reader = nil
	}
}
