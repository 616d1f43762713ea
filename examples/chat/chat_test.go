package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/asynciotest"
	"github.com/asyncio-go/asyncio/examples/internal/servingtest"
	"github.com/asyncio-go/asyncio/streams"
)

var testLimits = limits{backlog: 8, patience: 10 * time.Second, idle: time.Minute, line: 100}

// A visitor is a guest as the test sees it.
type visitor struct {
	t    *testing.T
	conn net.Conn
	in   *streams.Reader
	stay *asyncio.Task[struct{}]
}

// visit brings a guest into the hall, through a connection in memory.
func visit(ctx context.Context, t *testing.T, h *hall, name string) *visitor {
	t.Helper()
	ours, theirs := asynciotest.Pipe(ctx)
	v := &visitor{t: t, conn: ours, in: streams.NewReader(ours, 0)}
	v.stay = asyncio.Go(ctx, func(ctx context.Context) error {
		defer theirs.Close()
		return h.stay(ctx, theirs, testLimits)
	}, asyncio.Name(name))
	v.expect("* what is your name?")
	if name != "" {
		v.say(name)
		v.expect("* welcome, "+name+"; /help says what you can do", "* "+name+" has come into lobby")
	}
	return v
}

func (v *visitor) say(lines ...string) {
	v.t.Helper()
	for _, line := range lines {
		if _, err := fmt.Fprintln(v.conn, line); err != nil {
			v.t.Errorf("saying %q: %v", line, err)
		}
	}
}

func (v *visitor) hear() string {
	line, err := v.in.ReadLine()
	if err != nil {
		return err.Error()
	}
	return strings.TrimRight(string(line), "\r\n")
}

func (v *visitor) expect(lines ...string) {
	v.t.Helper()
	for _, want := range lines {
		if got := v.hear(); got != want {
			v.t.Errorf("heard %q, want %q", got, want)
		}
	}
}

// leave quits, and expects that the stay then ends well.
func (v *visitor) leave(ctx context.Context) {
	v.t.Helper()
	v.say("/quit")
	v.expect("* good-bye", "EOF")
	v.ends(ctx)
}

func (v *visitor) ends(ctx context.Context) {
	v.t.Helper()
	if _, err := v.stay.Await(ctx); err != nil {
		v.t.Errorf("the stay ended with %v", err)
	}
	v.conn.Close()
}

func TestChat(t *testing.T) {
	t.Run("brings what one says to the others of its room", func(t *testing.T) {
		asynciotest.Run(t, func(ctx context.Context) {
			h := newHall()
			ann := visit(ctx, t, h, "ann")
			bob := visit(ctx, t, h, "bob")
			ann.expect("* bob has come into lobby")
			ann.say("hello", "", "//slash")
			bob.expect("ann: hello", "ann: /slash")
			ann.say("\x1b[2Jred\tand \xff\u009b31m blue") // must not reach bob's terminal
			bob.expect("ann: [2Jred and \ufffd31m blue")
			bob.say("/join library")
			ann.expect("* bob has left lobby")
			bob.expect("* bob has come into library")
			ann.say("alone?", "/who")
			ann.expect("* here are ann")
			bob.say("/rooms", "/nick rob", "/who")
			bob.expect("  library (1)", "  lobby (1)", "* here are rob")
			bob.leave(ctx)
			ann.leave(ctx)
			if len(h.rooms)+len(h.names) != 0 {
				t.Errorf("left over: %v, %v", h.rooms, h.names)
			}
		})
	})
	t.Run("says what is wrong, and goes on", func(t *testing.T) {
		asynciotest.Run(t, func(ctx context.Context) {
			h := newHall()
			ann := visit(ctx, t, h, "ann")
			eve := visit(ctx, t, h, "")
			eve.say("ann", "", "two words", strings.Repeat("x", 21))
			eve.expect("* there is a ann already; what is your name?",
				"* a name has to have letters; what is your name?",
				"* a name has letters and figures only; what is your name?",
				"* a name has at most 20 letters; what is your name?")
			eve.say("eve")
			eve.expect("* welcome, eve; /help says what you can do", "* eve has come into lobby")
			eve.say("/dance", strings.Repeat("y", 200), "/join a/b", "/nick ann")
			eve.expect("* there is no /dance; /help says what there is", "* that was too long",
				"* a name has letters and figures only", "* there is a ann already")
			eve.leave(ctx)
			ann.expect("* eve has come into lobby", "* eve has left lobby")
			ann.leave(ctx)
		})
	})
	t.Run("answers one who hangs up after its last line", func(t *testing.T) {
		asynciotest.Run(t, func(ctx context.Context) {
			ann := visit(ctx, t, newHall(), "ann")
			ann.say("/who")
			_ = ann.conn.(interface{ CloseWrite() error }).CloseWrite()
			ann.expect("* here are ann", "EOF")
			ann.ends(ctx)
		})
	})
	t.Run("does not wait for one who does not read, and ends its stay", func(t *testing.T) {
		asynciotest.Run(t, func(ctx context.Context) {
			h := newHall()
			slow := visit(ctx, t, h, "slow")
			ann := visit(ctx, t, h, "ann")
			begin := asyncio.RunningLoop(ctx).Now()
			for range 1_000 { // more than pipe and outbox hold
				ann.say(strings.Repeat("z", 90))
				for range 5 { // the time it takes to tell others
					_ = asyncio.Yield(ctx)
				}
			}
			ann.say("/who") // all that came before has been told
			ann.expect("* here are ann, slow")
			if d := asyncio.RunningLoop(ctx).Now().Sub(begin); d != 0 {
				t.Errorf("ann waited for %v", d)
			}
			if n := h.names["slow"].outbox.Len(); n > testLimits.backlog {
				t.Errorf("%d lines wait for the one who does not read", n)
			}
			slow.ends(ctx) // the clock jumps to the end of the patience
			ann.expect("* slow has left lobby")
			ann.leave(ctx)
		})
	})
	t.Run("tells who reads slowly how much it has lost", func(t *testing.T) {
		asynciotest.Run(t, func(ctx context.Context) {
			g := &guest{outbox: asyncio.NewQueue[string](2)}
			for i := range 5 {
				g.tell(fmt.Sprint("line ", i))
			}
			var got []string
			for range 2 {
				line, _ := g.outbox.TryGet()
				got = append(got, line)
			}
			g.tell("line 5")
			for !g.outbox.Empty() {
				line, _ := g.outbox.TryGet()
				got = append(got, line)
			}
			want := []string{"line 0", "line 1", "* you read too slowly: 3 lines are lost", "line 5"}
			if !slices.Equal(got, want) {
				t.Errorf("heard %q, want %q", got, want)
			}
		})
	})
	t.Run("asks one who says nothing for long whether it is still there", func(t *testing.T) {
		asynciotest.Run(t, func(ctx context.Context) {
			ann := visit(ctx, t, newHall(), "ann")
			begin := asyncio.RunningLoop(ctx).Now()
			for range 2 {
				ann.expect("* are you still there? press Enter")
				ann.say("")
			}
			ann.expect("* are you still there? press Enter", "EOF") // no answer
			ann.ends(ctx)
			if d := asyncio.RunningLoop(ctx).Now().Sub(begin); d != 3*testLimits.idle+testLimits.patience {
				t.Errorf("it stayed for %v", d)
			}
		})
	})
	t.Run("says good-bye when the server closes", func(t *testing.T) {
		asynciotest.Run(t, func(ctx context.Context) {
			h := newHall()
			ann := visit(ctx, t, h, "ann")
			h.close()
			ann.expect("* the server closes; good-bye", "EOF")
			ann.ends(ctx)
		})
	})
}

func TestProgram(t *testing.T) {
	address, stop := servingtest.Start(t, func(ctx context.Context, started func(net.Addr)) error {
		return run(ctx, "127.0.0.1:0", 10, testLimits, started)
	})
	var guests []*bufio.Scanner
	for _, name := range []string{"ann", "bob"} {
		conn := servingtest.Dial(t, address)
		fmt.Fprintf(conn, "%s\n/who\n", name)
		guests = append(guests, bufio.NewScanner(conn))
		for in := guests[len(guests)-1]; in.Scan() && !strings.HasPrefix(in.Text(), "* here are ann"); {
		}
	}
	stop()
	for i, in := range guests {
		last := ""
		for in.Scan() {
			if !strings.HasSuffix(in.Text(), "has left lobby") {
				last = in.Text()
			}
		}
		if last != "* the server closes; good-bye" || in.Err() != nil {
			t.Errorf("the last that guest %d heard is %q, %v", i, last, in.Err())
		}
	}
}

func TestLimits(t *testing.T) {
	for want, change := range map[string]func(*limits){
		"--backlog 0":   func(l *limits) { l.backlog = 0 },
		"--patience 0s": func(l *limits) { l.patience = 0 },
		"--idle -1s":    func(l *limits) { l.idle = -time.Second },
		"--line -1":     func(l *limits) { l.line = -1 },
	} {
		l := testLimits
		change(&l)
		if err := l.check(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: error %v, want %q", l, err, want)
		}
	}
}

func TestChatInEveryOrder(t *testing.T) {
	asynciotest.Explore(t, func(ctx context.Context) {
		h := newHall()
		guests := []*visitor{visit(ctx, t, h, "ann"), visit(ctx, t, h, "bob"), visit(ctx, t, h, "cid")}
		const lines = 3
		for i, g := range guests {
			asyncio.Go(ctx, func(context.Context) error {
				for n := range lines {
					g.say(fmt.Sprintf("%d.%d", i, n))
				}
				return nil
			})
		}
		for i, g := range guests {
			var heard bytes.Buffer
			for n := 0; n < 2*lines; {
				if line := g.hear(); !strings.HasPrefix(line, "*") {
					heard.WriteString(strings.SplitN(line, ": ", 2)[1] + " ")
					n++
				}
			}
			for other := range guests {
				if other == i {
					continue
				}
				at := -1
				for n := range lines {
					next := strings.Index(heard.String(), fmt.Sprintf("%d.%d", other, n))
					if next <= at {
						t.Fatalf("guest %d heard %q: not all, or not in order", i, heard.String())
					}
					at = next
				}
			}
		}
		h.close()
		for _, g := range guests {
			g.ends(ctx)
		}
	}, asynciotest.Runs(50))
}
