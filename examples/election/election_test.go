package main

import (
	"context"
	"math/rand/v2"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio/asynciotest"
)

// Leaders crash one after another, and come back. It is all that the careless vote needs.
func leadersCrash(t *testing.T, vote voting) func(ctx context.Context) {
	return func(ctx context.Context) {
		h := start(ctx, t, vote)
		for range 3 {
			leader := h.awaitLeader(ctx)
			h.crash(ctx, h.all[leader-1])
			h.sleep(ctx, time.Second)
			h.restart(ctx)
		}
		h.awaitLeader(ctx)
	}
}

// Everything goes wrong, again and again: then all is mended, and a leader must be elected,
// and stay.
func everythingGoesWrong(t *testing.T, vote voting) func(ctx context.Context) {
	return func(ctx context.Context) {
		h := start(ctx, t, vote)
		random := asynciotest.Rand(ctx)
		for range 2 {
			var heal []func()
			for range 6 {
				h.sleep(ctx, time.Duration(random.IntN(400))*time.Millisecond)
				heal = append(heal, h.fault(ctx, random))
			}
			for _, heal := range heal {
				heal()
			}
			h.restart(ctx)
			h.calm()
			h.awaitLeader(ctx)
			h.sleep(ctx, time.Second) // one that was just about to stand has done so
			leader := h.awaitLeader(ctx)
			h.sleep(ctx, 2*time.Second)
			if still := h.leader(); still != leader {
				h.fail("nothing is wrong, and the leader was node %d, and is node %d", leader, still)
			}
		}
	}
}

// fault lets something go wrong, by chance.
func (h *hosts) fault(ctx context.Context, random *rand.Rand) (heal func()) {
	a, b := random.IntN(size), random.IntN(size-1)
	if b >= a {
		b++
	}
	host, link := h.all[a], h.net.Link(h.all[a], h.all[b])
	switch random.IntN(9) {
	case 0:
		return link.Partition()
	case 1:
		return link.PartitionOneWay()
	case 2, 3: // from all others
		var heals []func()
		for _, other := range h.all {
			if other != host {
				heals = append(heals, h.net.Link(host, other).Partition())
			}
		}
		return func() {
			for _, heal := range heals {
				heal()
			}
		}
	case 4:
		h.net.All().Loss(0.3 * random.Float64())
	case 5:
		h.net.All().Latency(0, time.Duration(random.IntN(200))*time.Millisecond)
	case 6:
		link.Reset()
		h.net.LookupDelay(host.Name(), time.Duration(random.IntN(500))*time.Millisecond)
	case 7:
		h.crash(ctx, host)
	case 8:
		host.Restart() // it crashes first
		delete(h.down, host)
	}
	return func() {}
}

func TestElection(t *testing.T) {
	for name, program := range map[string]func(t *testing.T, vote voting) func(ctx context.Context){
		"leaders crash": leadersCrash, "everything goes wrong": everythingGoesWrong,
	} {
		t.Run(name, func(t *testing.T) {
			asynciotest.Explore(t, program(t, (*node).castVote), asynciotest.Runs(100))
		})
	}
}

// The careless vote. This test fails, so it runs only when it is asked for:
//
//	BUGS=1 go test -run '^TestCarelessVote$' ./examples/election
//	BUGS=1 go test -run '^TestCarelessVote$' ./examples/election -asyncio.replay=...
//
// with the word that the first one prints. With -count, each time has other orders.
func TestCarelessVote(t *testing.T) {
	if os.Getenv("BUGS") == "" {
		t.Skip("fails, to show a bug; set BUGS=1 to see it")
	}
	seed++
	asynciotest.Explore(t, leadersCrash(t, (*node).castVoteCarelessly), asynciotest.Runs(1000), asynciotest.Seed(seed))
}

var seed uint64

func TestExploreFindsTheCarelessVote(t *testing.T) {
	const times = 5
	found := fails(t, "-test.count="+strconv.Itoa(times))
	if n := len(says.FindAllString(found, -1)); n != times {
		t.Errorf("of %d times, it was found %d times:\n%s", times, n, found)
	}
	match := regexp.MustCompile(`-asyncio\.replay=(\S+)`).FindStringSubmatch(found)
	if match == nil {
		t.Fatalf("no line to replay it:\n%s", found)
	}
	replayed := fails(t, "-asyncio.replay="+match[1])
	if first, again := story(found), story(replayed); again != first {
		t.Errorf("it was\n%s\nand in the replay\n%s", first, again)
	}
}

// fails runs the test of the careless vote in a process of its own, and expects that it
// fails.
func fails(t *testing.T, args ...string) (output string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], append([]string{"-test.run=^TestCarelessVote$"}, args...)...)
	cmd.Env = append(os.Environ(), "BUGS=1")
	out, err := cmd.CombinedOutput()
	if err == nil || !says.Match(out) || strings.Contains(string(out), "another way") {
		t.Errorf("%q: %v:\n%s", args, err, out)
	}
	return string(out)
}

// says is what the failure says.
var says = regexp.MustCompile(`term \d+ has two leaders`)

// story returns what the nodes did up to the first failure.
func story(output string) string {
	_, told, _ := strings.Cut(output, "the last that happened:")
	told, _, _ = strings.Cut(told, ".go:")
	return told
}

func TestPlainTestDoesNotFindIt(t *testing.T) {
	asynciotest.Run(t, leadersCrash(t, (*node).castVoteCarelessly))
}
