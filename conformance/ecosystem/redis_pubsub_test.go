package ecosystem

import (
	"context"
	"errors"
	"sync"
	"testing"

	"github.com/asyncio-go/asyncio"
	"github.com/redis/go-redis/v9"
)

// A redisMessenger makes calls by messages: a client publishes a request, and the server
// of the test, which has subscribed to requests, publishes the reply.
type redisMessenger struct {
	redisTest
	*replies
	subscription *redis.PubSub
	subscribed   asyncio.Event // replies will be heard
}

func newRedisMessenger(ctx context.Context, c redisTest) *redisMessenger {
	return &redisMessenger{
		redisTest: c, replies: newReplies(),
		subscription: c.Subscribe(ctx, c.name+"-replies"), // connects
	}
}

var errLost = errors.New("the connection is lost")

// redisPubSub does all of it in tasks.
func redisPubSub(ctx context.Context, c redisTest) *Client {
	m := newRedisMessenger(ctx, c)
	reader := asyncio.Go(ctx, m.read)
	gate := asyncio.NewSemaphore(manyConns)
	client := m.client(func(ctx context.Context, message string) error {
		return gate.With(ctx, func() error { return m.Publish(ctx, m.name+"-requests", message).Err() })
	})
	client.Close = func(ctx context.Context) error {
		reader.Cancel()
		_, _ = reader.Await(ctx)
		return errors.Join(m.subscription.Close(), m.Client.Close())
	}
	return client
}

// read takes what comes, until it is canceled.
func (m *redisMessenger) read(ctx context.Context) error {
	for {
		switch message, err := m.subscription.Receive(ctx); {
		case ctx.Err() != nil:
			return err
		case err != nil: // the next call connects again
			m.lost(err)
		default:
			m.handle(message)
		}
	}
}

// lost ends the calls whose reply will never come.
func (m *redisMessenger) lost(err error) {
	m.subscribed.Clear()
	m.fail(err)
}

func (m *redisMessenger) handle(message any) {
	switch message := message.(type) {
	case *redis.Subscription:
		m.subscribed.Set()
	case *redis.Message:
		m.take(splitNumber(message.Payload))
	}
}

func (m *redisMessenger) client(publish func(ctx context.Context, message string) error) *Client {
	return echoClient(func(ctx context.Context, text string) (string, error) {
		if err := m.subscribed.Wait(ctx); err != nil {
			return "", err
		}
		return m.call(ctx, func(number string) error { return publish(ctx, numbered(number, text)) })
	})
}

// redisPubSubChannel lets the library's goroutines read, which tell of a new subscription
// but not that the one before is lost: the calls that wait for a reply fail then.
func redisPubSubChannel(ctx context.Context, c redisTest) *Client {
	loop := asyncio.RunningLoop(ctx)
	m := newRedisMessenger(ctx, c)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for message := range m.subscription.ChannelWithSubscriptions() {
			_ = loop.CallSoonThreadsafe(func() {
				if _, again := message.(*redis.Subscription); again {
					m.lost(errLost)
				}
				m.handle(message)
			})
		}
	}()
	client := m.client(func(ctx context.Context, message string) error {
		return asyncio.ToThreadFunc(ctx, func(ctx context.Context) error {
			return m.Publish(ctx, m.name+"-requests", message).Err()
		})
	})
	client.Close = func(ctx context.Context) error {
		return asyncio.ToThreadFunc(ctx, func(context.Context) error {
			err := m.subscription.Close() // which closes the channel
			<-ended
			return errors.Join(err, m.Client.Close())
		})
	}
	return client
}

// serveMessages answers requests by messages, until the test ends.
func serveMessages(t *testing.T, s *Scene, c redisTest) {
	server := redis.NewClient(c.forServer)
	requests := server.Subscribe(t.Context(), c.name+"-requests")
	if _, err := requests.Receive(t.Context()); err != nil {
		t.Fatal(err)
	}
	var answering sync.WaitGroup
	answering.Go(func() {
		for request := range requests.Channel() {
			answering.Go(func() {
				number, text := splitNumber(request.Payload)
				text, _ = s.Answer(context.Background(), text)
				server.Publish(context.Background(), c.name+"-replies", numbered(number, text))
			})
		}
	})
	t.Cleanup(func() {
		requests.Close()
		answering.Wait()
		server.Close()
	})
}
