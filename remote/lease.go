package remote

import (
	"strconv"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
)

// leases keeps the leases of all jobs of a worker. It runs on goroutines, not on the loop:
// a function that blocks the loop must not cost its worker the leases.
//
// The clock is the monotonic one of package time. It counts the time for which the process
// was stopped (SIGSTOP), and on Linux not that for which the machine was suspended: after
// a suspension two workers may run a job, and the server's create-once result decides.
type leases struct {
	nc      *nats.Conn
	ackWait time.Duration
	inbox   string
	sub     *nats.Subscription
	wake    chan struct{}
	stop    chan struct{}
	ended   sync.WaitGroup

	mu    sync.Mutex
	all   map[*lease]struct{}
	due   time.Time         // of the next turn
	asked map[string]asking // by the last part of the subject on which the answer comes
	last  uint64
}

// An asking is an extension of a lease that awaits its confirmation.
type asking struct {
	lease *lease
	sent  time.Time
}

// A lease is the right of a worker to say something about a delivery.
type lease struct {
	of    *leases
	reply string // where acknowledgments of the delivery go
	lost  func() // called once, on any goroutine

	// Guarded by of.mu.
	end  time.Time
	next time.Time // of the next extension
	over bool      // it was lost, or given up
}

var inProgress = []byte("+WPI")

// newLeases starts to keep leases, until close.
func newLeases(nc *nats.Conn, ackWait time.Duration) (*leases, error) {
	ls := &leases{
		nc: nc, ackWait: ackWait, inbox: nc.NewInbox(), wake: make(chan struct{}, 1), stop: make(chan struct{}),
		all: map[*lease]struct{}{}, asked: map[string]asking{}, due: time.Now().Add(ackWait),
	}
	var err error
	if ls.sub, err = nc.Subscribe(ls.inbox+".*", ls.confirmed); err != nil {
		return nil, err
	}
	ls.ended.Go(ls.keep)
	return ls, nil
}

func (ls *leases) close() {
	close(ls.stop)
	ls.ended.Wait()
	_ = ls.sub.Unsubscribe() // the connection may be closed already
}

// margin is how long before the server the worker takes a lease for ended. It is for what
// is on its way when the lease ends.
func (ls *leases) margin() time.Duration { return ls.ackWait / 10 }

// add takes a lease that counts from a moment before the job was asked for. AckWait counts
// from the delivery, which was later.
func (ls *leases) add(reply string, asked time.Time, lost func()) *lease {
	l := &lease{of: ls, reply: reply, lost: lost, end: asked.Add(ls.ackWait - ls.margin()), next: asked.Add(ls.ackWait / 3)}
	ls.mu.Lock()
	ls.all[l] = struct{}{}
	sooner := l.next.Before(ls.due) // seldom: most jobs end before anything is due
	ls.mu.Unlock()
	if sooner {
		select {
		case ls.wake <- struct{}{}:
		default: // it will look anyway
		}
	}
	return l
}

// held reports whether the worker may say something about the delivery. It is asked right
// before each message.
func (l *lease) held() bool {
	l.of.mu.Lock()
	held := l.heldLocked(time.Now())
	l.of.mu.Unlock()
	return held
}

func (l *lease) heldLocked(now time.Time) bool { return !l.over && now.Before(l.end) }

// giveUp ends a lease: there will be no message about the delivery any more. It reports
// whether the lease was held, so that of several callers only one speaks last.
func (l *lease) giveUp() bool {
	l.of.mu.Lock()
	defer l.of.mu.Unlock()
	held := l.heldLocked(time.Now())
	l.over = true
	delete(l.of.all, l)
	return held
}

// send publishes something about the delivery, if the lease is held.
func (l *lease) send(body []byte) error {
	if !l.held() {
		return ErrLeaseLost
	}
	return l.of.nc.Publish(l.reply, body)
}

// keep extends leases before they end, and tells those whose lease has ended.
func (ls *leases) keep() {
	timer := time.NewTimer(ls.ackWait)
	defer timer.Stop()
	for {
		select {
		case <-ls.stop:
			return
		case <-ls.wake:
		case <-timer.C:
		}
		timer.Reset(time.Until(ls.turn()))
	}
}

// turn does what is due, and returns when the next thing will be.
func (ls *leases) turn() time.Time {
	now := time.Now()
	next := now.Add(ls.ackWait)
	var lost []*lease
	var extend []*nats.Msg
	ls.mu.Lock()
	for l := range ls.all {
		if !l.heldLocked(now) {
			l.over = true
			delete(ls.all, l)
			lost = append(lost, l)
			continue
		}
		if !now.Before(l.next) {
			extend = append(extend, ls.ask(l, now))
		}
		next = earlier(next, earlier(l.next, l.end))
	}
	ls.forget(now)
	ls.due = next
	ls.mu.Unlock()
	for _, l := range lost {
		l.lost()
	}
	for _, m := range extend {
		_ = ls.nc.PublishMsg(m) // without a connection, the next one is tried soon
	}
	return next
}

// ask is called with the lock. Until the confirmation has come, it asks again soon.
func (ls *leases) ask(l *lease, now time.Time) *nats.Msg {
	ls.last++
	token := strconv.FormatUint(ls.last, 36)
	ls.asked[token] = asking{l, now}
	l.next = now.Add(ls.ackWait / 12)
	return &nats.Msg{Subject: l.reply, Reply: ls.inbox + "." + token, Data: inProgress}
}

// forget drops questions whose answers could not extend anything any more.
func (ls *leases) forget(now time.Time) {
	for token, a := range ls.asked {
		if a.lease.over || now.Sub(a.sent) > ls.ackWait {
			delete(ls.asked, token)
		}
	}
}

// confirmed is called for each confirmation. It counts only if the lease is still held:
// the server confirms also what comes after a new delivery, to another worker. If it comes
// in time by our clock, so was the message.
func (ls *leases) confirmed(m *nats.Msg) {
	if m.Header.Get("Status") != "" { // nobody listens: the server is not ready
		return
	}
	token := m.Subject[len(ls.inbox)+1:]
	ls.mu.Lock()
	defer ls.mu.Unlock()
	a, ok := ls.asked[token]
	delete(ls.asked, token)
	if !ok || !a.lease.heldLocked(time.Now()) {
		return
	}
	a.lease.end = later(a.lease.end, a.sent.Add(ls.ackWait-ls.margin()))
	a.lease.next = later(a.lease.next, a.sent.Add(ls.ackWait/3))
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
