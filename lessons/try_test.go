package lessons_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/asyncio-go/asyncio/lessons"
)

// What a lesson asks its reader to try shows what it says.
func TestWhatIsToBeTried(t *testing.T) {
	for _, try := range []struct {
		lesson, name, value string
		prints, not         string
	}{
		{"concurrency", "rice", "1s", "curry: served\ndinner took 3.6 s", ""},
		{"concurrency", "table", "3s", "table: set\nvegetables: served", ""},
		{"parallelism", "cooks", "1", "took 1.7 s", ""},
		{"parallelism", "cooks", "3", "took 0.6 s", ""},
		{"coroutines", "pause", "2s", "2.0 s later, still nothing\nbrew: the water boils", ""},
		{"eventloop", "yield", "false", "order: main A A A B B B callback", ""},
		{"await", "B", "3s", "took 5.0 s", ""},
		{"createtask", "B", "3s", "took 3.0 s", ""},
		{"gather", "A", "500ms", "A ends\nB ends\nresult of A, result of B", ""},
		{"taskgroup", "fails", "B", "in the group: B has failed", "A has failed"},
		{"taskgroup", "fails", "A", "in the group: A has failed", "is asked to stop"},
		{"cancellation", "cleanup", "2s", "ended after 3.0 s", ""},
		{"timeouts", "limit", "3500ms", "got 3 of 3 pages", ""},
		{"timeouts", "page", "2s", "got nothing", ""},
		{"wait", "hare", "4s", "first: dog\n2 still run\nnext: turtle\nnext: hare", ""},
		{"shield", "send", "4s", "payment: sent", "letter: sent"},
		{"threads", "a.txt", "3s", "beat 4, 0.0 s late", ""},
		{"blocking", "thread", "true", "beat 2, 0.0 s late", ""},
		{"queue", "size", "8", "order 8 in, 0.0 s", ""},
		{"queue", "cooks", "1", "order 8 in, 2.5 s", ""},
		{"locks", "lock", "false", "Ada says sentence 1\nBob says sentence 1\nAda says sentence 2", ""},
		{"semaphore", "limit", "5", "5 pages in 0.5 s", ""},
		{"semaphore", "limit", "1", "5 pages in 2.5 s", ""},
		{"events", "Cid", "400ms", "the door opens\nAda is in\nCid is in\nBob is in", ""},
		{"condition", "Ada", "1", "a loaf is ready\nAda buys 1", ""},
		{"streams", "second", "Dorothea", "orders\nCarl gets", ""},
		{"contextvars", "last", "Ada", "Ada: main waits", ""},
		{"deadlock", "first", "knife", "Bob has the board and chops", "waits for"},
		{"race", "lock", "true", "orders: 20, all right", "wrong"},
		{"network", "once", "true", "shop: no answer, once more\nbank: the balance is 70\nshop: the order is paid", "40"},
		{"network", "lost", "0s", "bank: the balance is 70\nshop: the order is paid", "once more"},
		{"race", "orders", "1", "orders: 1, all right", "wrong"},
	} {
		all := lessons.All()
		i := slices.IndexFunc(all, func(l lessons.Lesson) bool { return l.Name == try.lesson })
		got := play(t, all[i], map[string]string{try.name: try.value})
		if !strings.Contains(got, try.prints) || try.not != "" && strings.Contains(got, try.not) {
			t.Errorf("%s with %s=%s printed\n%s", try.lesson, try.name, try.value, got)
		}
	}
}
