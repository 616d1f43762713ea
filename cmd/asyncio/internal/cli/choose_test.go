package cli

import (
	"slices"
	"strings"
	"testing"

	"github.com/asyncio-go/asyncio/lessons"
)

func names(chosen []lessons.Lesson) string {
	var names []string
	for _, l := range chosen {
		names = append(names, l.Name)
	}
	return strings.Join(names, " ")
}

func TestChoose(t *testing.T) {
	all := lessons.All()
	for _, test := range []struct{ args, want string }{
		{"", names(all)},
		{"gather", "gather"},
		{"7", "gather"},
		{"07 1 gather", "gather concurrency gather"},
		{"create_task CreateTask create-task CREATETASK", "createtask createtask createtask createtask"},
		{"TaskGroup exception_group", "taskgroup taskgroup"},
		{"1-3 7", "concurrency parallelism coroutines gather"},
		{"3 5-7", "coroutines await createtask gather"},
		{"wait_for to_thread as_completed", "timeouts threads wait"},
	} {
		chosen, err := choose(all, strings.Fields(test.args), "asyncio")
		if err != nil || names(chosen) != test.want {
			t.Errorf("choose %q: %s, %v, want %s", test.args, names(chosen), err, test.want)
		}
	}
}

func TestNearest(t *testing.T) {
	all := lessons.All()
	for _, test := range []struct{ word, want string }{
		{"gathr", "gather"},
		{"sheild", "shield"},
		{"concurency", "concurrency"},
		{"time", "timeouts"},
		{"creat_task", "createtask"},
		{"crate", "createtask"},
		{"threds", "threads"},
	} {
		if got := nearest(all, test.word); len(got) == 0 || got[0] != test.want {
			t.Errorf("nearest to %q: %q, want %q first", test.word, got, test.want)
		}
	}
	for _, word := range []string{"xyzzy", "kitchen", "q"} {
		if got := nearest(all, word); len(got) > 0 {
			t.Errorf("nearest to %q, which means nothing: %q, want none", word, got)
		}
	}
}

func TestDistances(t *testing.T) {
	for _, test := range []struct {
		a, b string
		want int
	}{
		{"", "", 0},
		{"", "abc", 3},
		{"wait", "wait", 0},
		{"wait", "wit", 1},
		{"wait", "await", 1},
		{"wait", "wiat", 1},
		{"wait", "want", 1},
		{"kitten", "sitting", 3},
		{"été", "ete", 2},
	} {
		for _, pair := range [][2]string{{test.a, test.b}, {test.b, test.a}} {
			distances := distances(pair[0], pair[1])
			if got := distances[len(distances)-1]; got != test.want {
				t.Errorf("from %q to %q: %d, want %d", pair[0], pair[1], got, test.want)
			}
		}
	}
}

func TestCompletionOffersEachLessonOnce(t *testing.T) {
	offered, _ := completeLessons(nil, []string{"gather", "1", "CreateTask"}, "")
	if len(offered) != len(lessons.All())-3 {
		t.Errorf("offered %d lessons of %d after three", len(offered), len(lessons.All()))
	}
	if slices.ContainsFunc(offered, func(c string) bool { return strings.HasPrefix(c, "gather\t") }) {
		t.Error("gather was offered again")
	}
}
