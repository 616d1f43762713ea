package bugs_test

import (
	"context"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/asynciotest"
	"github.com/asyncio-go/asyncio/examples/bugs"
)

// Two tasks at work on one account. The deposit has a longer way, so on a quiet
// day the interest is there before.
func interestAndDeposit(t *testing.T, addInterest func(*bugs.Account, context.Context) error) func(ctx context.Context) {
	return func(ctx context.Context) {
		account := &bugs.Account{Balance: 100}
		together(t, ctx,
			func(ctx context.Context) error { return addInterest(account, ctx) },
			func(ctx context.Context) error { return account.Deposit(ctx, 50) })
		if b := account.Balance; b != 160 && b != 165 {
			t.Errorf("the balance is %d: a deposit was lost", b)
		}
	}
}

// Two transfers, one of which comes a little later.
func twoTransfers(t *testing.T, transfer func(ctx context.Context, from, to *bugs.Vault, gold int) error) func(ctx context.Context) {
	return func(ctx context.Context) {
		a, b := &bugs.Vault{Number: 1, Gold: 10}, &bugs.Vault{Number: 2, Gold: 10}
		together(t, ctx,
			func(ctx context.Context) error { return transfer(ctx, a, b, 3) },
			later(func(ctx context.Context) error { return transfer(ctx, b, a, 1) }))
		if a.Gold != 8 || b.Gold != 12 {
			t.Errorf("there are %d and %d", a.Gold, b.Gold)
		}
	}
}

// Two workers, one of which comes a little later.
func twoWorkers(t *testing.T, work func(ctx context.Context, jobs *asyncio.Queue[int], handle func(int)) error) func(ctx context.Context) {
	return func(ctx context.Context) {
		jobs, handled := asyncio.NewQueue[int](0), 0
		for job := range 2 {
			_ = jobs.TryPut(job)
		}
		worker := func(ctx context.Context) error { return work(ctx, jobs, func(int) { handled++ }) }
		together(t, ctx, worker, later(worker))
		if handled != 2 {
			t.Errorf("%d jobs were handled", handled)
		}
	}
}

func later(fn func(ctx context.Context) error) func(ctx context.Context) error {
	return func(ctx context.Context) error {
		for range 3 {
			if err := asyncio.Yield(ctx); err != nil {
				return err
			}
		}
		return fn(ctx)
	}
}

// together runs functions in tasks side by side.
func together(t *testing.T, ctx context.Context, fns ...func(ctx context.Context) error) {
	t.Helper()
	err := asyncio.WithTaskGroup(ctx, func(_ context.Context, tg *asyncio.TaskGroup) error {
		for _, fn := range fns {
			tg.Go(fn)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

// The three bugs. These tests fail, so they run only when they are asked for:
//
//	BUGS=1 go test -run '^TestLostUpdate$'
//	BUGS=1 go test -run '^TestLostUpdate$' -asyncio.replay=...
//
// with the words of the table below.

func TestLostUpdate(t *testing.T) {
	showBug(t)
	asynciotest.Explore(t, interestAndDeposit(t, (*bugs.Account).AddInterestCarelessly), nextSeed())
}

func TestLockOrder(t *testing.T) {
	showBug(t)
	asynciotest.Explore(t, twoTransfers(t, bugs.TransferCarelessly), nextSeed())
}

func TestCheckThenAct(t *testing.T) {
	showBug(t)
	asynciotest.Explore(t, twoWorkers(t, bugs.WorkCarelessly), nextSeed())
}

var seed uint64

// nextSeed lets every test of a -count explore other orders.
func nextSeed() asynciotest.Option {
	seed++
	return asynciotest.Seed(seed)
}

func showBug(t *testing.T) {
	t.Helper()
	if os.Getenv("BUGS") == "" {
		t.Skip("fails, to show a bug; set BUGS=1 to see it")
	}
}

func TestExploreFindsThem(t *testing.T) {
	for _, bug := range []struct{ test, replay, says string }{
		{"TestLostUpdate", "YmRgZGJiYGJiYGZiBCFAAAAA__8", "the balance is 110: a deposit was lost"},
		{"TestLockOrder", "YmRgZGJiYGJiYGZiRCBAAAAA__8", "deadlock at 0s: 3 tasks wait"},
		{"TestCheckThenAct", "YmRgZGJiYGJiYGZiREGAAAAA__8", "deadlock at 0s: 2 tasks wait"},
	} {
		t.Run(bug.test, func(t *testing.T) {
			out := fails(t, bug.test, bug.says)
			match := regexp.MustCompile(`-run '(.*)' -asyncio\.replay=(\S+)`).FindStringSubmatch(out)
			if match == nil {
				t.Fatalf("no line to replay it:\n%s", out)
			}
			fails(t, match[1], bug.says, "-test.v", "-asyncio.replay="+match[2])
			replayed := fails(t, bug.test, bug.says, "-asyncio.replay="+bug.replay)
			if strings.Contains(replayed, "another way") {
				t.Errorf("the schedule in this test is no longer true; this is:\n%s", match[0])
			}
		})
	}
}

// fails runs a test in a process of its own, and expects that it fails and says
// so.
func fails(t *testing.T, test, says string, args ...string) (output string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], append([]string{"-test.run", test}, args...)...)
	cmd.Env = append(os.Environ(), "BUGS=1")
	out, err := cmd.CombinedOutput()
	if output = string(out); err == nil || !strings.Contains(output, says) {
		t.Errorf("%s: %v; it does not say %q:\n%s", test, err, says, output)
	}
	return output
}

func TestPlainTestsDoNotFindThem(t *testing.T) {
	asynciotest.Run(t, interestAndDeposit(t, (*bugs.Account).AddInterestCarelessly))
	asynciotest.Run(t, twoTransfers(t, bugs.TransferCarelessly))
	asynciotest.Run(t, twoWorkers(t, bugs.WorkCarelessly))
}

func TestMended(t *testing.T) {
	for name, program := range map[string]func(t *testing.T) func(ctx context.Context){
		"lost update": func(t *testing.T) func(context.Context) {
			return interestAndDeposit(t, (*bugs.Account).AddInterest)
		},
		"lock order":     func(t *testing.T) func(context.Context) { return twoTransfers(t, bugs.Transfer) },
		"check then act": func(t *testing.T) func(context.Context) { return twoWorkers(t, bugs.Work) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			asynciotest.Explore(t, program(t), asynciotest.Runs(1000))
			asynciotest.Explore(t, program(t), asynciotest.Strategy(asynciotest.Exhaustive(10000)))
		})
	}
}
