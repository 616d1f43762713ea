package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/asynciotest"
)

// size is how many nodes there are.
const size = 5

// hosts are five hosts in memory with a node on each, and what must hold for all of them.
type hosts struct {
	t       *testing.T
	begin   time.Time
	net     *asynciotest.Network
	all     []*asynciotest.Host
	down    map[*asynciotest.Host]bool
	known   []status    // of node 1, 2, ...; a new one after each start
	term    []int       // the latest of node 1, 2, ..., also before its last start
	leaders map[int]int // from terms to nodes
	story   []string    // what the nodes did
	broken  asyncio.Event
}

// A voting is how a node decides on its vote.
type voting func(n *node, ctx context.Context, request message) (granted bool, err error)

// start starts the hosts, with clocks that are wrong.
func start(ctx context.Context, t *testing.T, vote voting) *hosts {
	h := &hosts{t: t, begin: asyncio.RunningLoop(ctx).Now(), net: asynciotest.Net(ctx), down: map[*asynciotest.Host]bool{},
		known: make([]status, size), term: make([]int, size), leaders: map[int]int{}}
	h.calm()
	var addresses []string
	for id := range size {
		addresses = append(addresses, fmt.Sprintf("node%d:7000", id+1))
	}
	random := asynciotest.Rand(ctx)
	for id := range size {
		h.all = append(h.all, h.net.Host(fmt.Sprint("node", id+1), func(ctx context.Context) error {
			h.known[id] = status{}
			n := newNode(settings{
				id: id + 1, addresses: addresses, store: disk{h.all[id]}, random: random,
				patience: 300 * time.Millisecond, report: func(s status) { h.check(ctx, s) },
			})
			n.vote = func(ctx context.Context, request message) (bool, error) { return vote(n, ctx, request) }
			return n.run(ctx)
		}, asynciotest.Skew(time.Duration(random.IntN(7200)-3600)*time.Second), asynciotest.Drift(float64(random.IntN(1000)-500))))
	}
	return h
}

// calm is how the network is when nothing is wrong.
func (h *hosts) calm() {
	h.net.All().Latency(time.Millisecond, 10*time.Millisecond)
	h.net.All().Loss(0)
	for i := range size {
		h.net.LookupDelay(fmt.Sprint("node", i+1), 0)
	}
}

// check is what must hold at any time: a term has one leader, and the terms of a node
// only grow.
func (h *hosts) check(ctx context.Context, s status) {
	h.tell(ctx, fmt.Sprintf("node %d: term %d, vote for %d, leader %d", s.node, s.Term, s.Vote, s.leader))
	h.known[s.node-1] = s
	if s.Term < h.term[s.node-1] {
		h.fail("node %d went from term %d back to term %d", s.node, h.term[s.node-1], s.Term)
	}
	h.term[s.node-1] = s.Term
	if s.leader == 0 {
		return
	}
	if first, known := h.leaders[s.Term]; known && first != s.leader {
		h.fail("term %d has two leaders: node %d and node %d", s.Term, first, s.leader)
	}
	h.leaders[s.Term] = s.leader
}

// tell adds to the story, of which the last part is kept.
func (h *hosts) tell(ctx context.Context, what string) {
	at := asyncio.RunningLoop(ctx).Now().Sub(h.begin)
	h.story = append(h.story[max(0, len(h.story)-29):], fmt.Sprintf("%12v  %s", at.Round(time.Microsecond), what))
}

// fail ends the test, after the first thing that is wrong.
func (h *hosts) fail(format string, args ...any) {
	if !h.broken.IsSet() {
		h.t.Errorf("%s; the last that happened:\n%s", fmt.Sprintf(format, args...), strings.Join(h.story, "\n"))
		h.broken.Set()
	}
}

// crash lets a host crash.
func (h *hosts) crash(ctx context.Context, host *asynciotest.Host) {
	h.tell(ctx, host.Name()+" crashes")
	host.Crash()
	h.down[host] = true
}

// restart starts those again that have crashed.
func (h *hosts) restart(ctx context.Context) {
	for _, host := range h.all {
		if h.down[host] {
			h.tell(ctx, host.Name()+" starts again")
			host.Restart()
		}
	}
	clear(h.down)
}

// leader returns whom all nodes take for the leader; 0: they do not agree.
func (h *hosts) leader() int {
	first := h.known[0]
	for _, s := range h.known {
		if s.leader == 0 || s.leader != first.leader || s.Term != first.Term {
			return 0
		}
	}
	return first.leader
}

// awaitLeader waits until all nodes agree on a leader, which must not take too long.
func (h *hosts) awaitLeader(ctx context.Context) (id int) {
	h.t.Helper()
	loop := asyncio.RunningLoop(ctx)
	for end := loop.Now().Add(10 * time.Second); h.leader() == 0; h.sleep(ctx, 10*time.Millisecond) {
		if loop.Now().After(end) {
			h.fail("there is no leader")
		}
	}
	return h.leader()
}

// sleep sleeps, unless something is wrong.
func (h *hosts) sleep(ctx context.Context, d time.Duration) {
	if asyncio.WithTimeout(ctx, d, h.broken.Wait) == nil {
		h.t.FailNow()
	}
}

// A disk is a store on the disk of a host, which takes its time.
type disk struct{ *asynciotest.Host }

func (d disk) load(context.Context) (b ballot, err error) {
	if text, ok := d.Disk()["ballot"]; ok {
		err = json.Unmarshal(text, &b)
	}
	return b, err
}

func (d disk) save(ctx context.Context, b ballot) error {
	text, err := json.Marshal(b)
	if err != nil {
		return err
	}
	if err := asyncio.Sleep(ctx, time.Duration(1+asynciotest.Rand(ctx).IntN(10))*time.Millisecond); err != nil {
		return err // it has crashed before the write
	}
	d.Disk()["ballot"] = text
	return nil
}
