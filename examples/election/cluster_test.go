package main

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/asynciotest"
)

// TestProgram runs the program for two minutes of virtual time, on files and in memory.
func TestProgram(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		var out strings.Builder
		c := newCluster(testOptions(t), &out)
		task := asyncio.Go(ctx, c.run)
		_ = asyncio.Sleep(ctx, 2*time.Minute)
		task.Cancel()
		if _, err := task.Await(ctx); !errors.Is(err, asyncio.ErrCanceled) {
			t.Errorf("it ended with %v", err)
		}
		terms := 0
		for _, s := range c.known {
			b, err := file(c.file(s.node)).load(ctx)
			if err != nil || b != s.ballot {
				t.Errorf("node %d has %+v, %v in its file, and knew %+v", s.node, b, err, s.ballot)
			}
			terms = max(terms, s.Term)
		}
		ended := strings.Count(out.String(), "is ended")
		if elected := strings.Count(out.String(), "leads in term"); ended < 11 || elected < ended || elected > terms {
			t.Errorf("%d leaders were ended, and %d were elected in %d terms:\n%s", ended, elected, terms, &out)
		}
	}, asynciotest.Patience(-1)) // a disk may be slow
}

func testOptions(t *testing.T) options {
	o := options{dir: t.TempDir(), patience: 300 * time.Millisecond, every: 5 * time.Second}
	for _, port := range []string{"1", "2", "3", "4", "5"} {
		o.nodes = append(o.nodes, "localhost:710"+port)
	}
	return o
}

func TestOptions(t *testing.T) {
	for want, change := range map[string]func(*options){
		"--only 6":      func(o *options) { o.only = 6 },
		"--dir":         func(o *options) { o.only, o.dir = 1, "" },
		"--patience 0s": func(o *options) { o.patience = 0 },
		"--every -1s":   func(o *options) { o.every = -time.Second },
		"--nodes":       func(o *options) { o.nodes[4] = "localhost:0" },
	} {
		o := testOptions(t)
		change(&o)
		if err := o.check(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: error %v, want %q", o, err, want)
		}
	}
}

// A node goes on after a request that is none.
func TestNonsense(t *testing.T) {
	for _, line := range []string{"hello", `{"kind":"vote","term":9,"from":6}`, `{"kind":"vote","term":9}`, `{"kind":"hello","from":1}`, strings.Repeat("x", 300)} {
		asynciotest.Run(t, func(ctx context.Context) {
			n := newNode(settings{id: 1, addresses: make([]string, size)})
			here, there := asynciotest.Pipe(ctx)
			n.patience, n.now = time.Second, asyncio.RunningLoop(ctx).Now
			if _, err := here.Write([]byte(line + "\n")); err != nil {
				t.Error(err)
			}
			if err := n.serve(ctx, there); err == nil || n.ballot != (ballot{}) {
				t.Errorf("after %q: %v, %+v", line, err, n.ballot)
			}
			here.Close()
			there.Close()
		})
	}
}
