package virtual

import (
	"time"

	"github.com/asyncio-go/asyncio/internal/config"
	"github.com/asyncio-go/asyncio/internal/engine"
	"github.com/asyncio-go/asyncio/internal/poller"
)

// Scaled returns an option that makes a loop run in the real world, with a clock that is
// faster by a factor: for its tasks, a sleep of 2 s takes 2 s, and for someone who
// watches, 2 s divided by the factor. Work does not become faster, and neither does
// anything else that does not use the loop's clock.
func Scaled(speed float64) config.Option {
	return config.InWorld(func() config.World {
		clock := scaledClock{poller.NewClock(), speed}
		return config.World{Clock: clock, Poller: scaledPoller(speed)}
	})
}

type scaledClock struct {
	real  *poller.Clock
	speed float64
}

// Now makes a scaledClock an engine.Clock.
func (c scaledClock) Now() time.Duration {
	return time.Duration(float64(c.real.Now()) * c.speed)
}

// scaledPoller returns the system's poller, with timeouts by a clock that is faster by
// the factor speed.
func scaledPoller(speed float64) engine.Poller {
	var p engine.Poller = poller.NewPortable()
	if real, err := poller.New(); err == nil {
		p = real
	}
	if d, ok := p.(engine.Descriptors); ok {
		return scaledDescriptors{d, speed}
	}
	return scaledWait{p, speed}
}

type scaledWait struct {
	engine.Poller
	speed float64
}

// Wait makes a scaledWait an engine.Poller.
func (s scaledWait) Wait(timeout time.Duration) error {
	return s.Poller.Wait(realTimeout(timeout, s.speed))
}

type scaledDescriptors struct {
	engine.Descriptors
	speed float64
}

// Wait makes scaledDescriptors an engine.Poller.
func (s scaledDescriptors) Wait(timeout time.Duration) error {
	return s.Descriptors.Wait(realTimeout(timeout, s.speed))
}

// realTimeout converts a timeout. One that never ends stays so, and one that ends does not
// become a poll.
func realTimeout(timeout time.Duration, speed float64) time.Duration {
	if timeout <= 0 {
		return timeout
	}
	return max(time.Duration(float64(timeout)/speed), 1)
}
