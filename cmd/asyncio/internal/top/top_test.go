package top

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"github.com/asyncio-go/asyncio/cmd/asyncio/internal/fakeconsole"
	"github.com/asyncio-go/asyncio/cmd/asyncio/internal/screen"
	"github.com/asyncio-go/asyncio/internal/wire"
)

var update = flag.Bool("update", false, "write the golden files")

// A user is one who sits before a display: messages and keys go in, and what is shown is
// read.
type user struct {
	t       *testing.T
	m       *Model
	console *console
}

// console is what the display asks.
type console struct {
	details  map[uint64]*wire.TaskDetail
	canceled []uint64
}

func (c *console) Task(_ context.Context, _ int, id uint64) (*wire.TaskDetail, error) {
	if d := c.details[id]; d != nil {
		return d, nil
	}
	return nil, fmt.Errorf("there is no task %d", id)
}

func (c *console) Cancel(_ context.Context, _ int, id uint64) ([]byte, error) {
	if id == 2 {
		return nil, errors.New("this console only shows")
	}
	c.canceled = append(c.canceled, id)
	return []byte("{}"), nil
}

// start is the time at which the tests begin.
var start = time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)

// plain paints nothing.
func plain(_ screen.Tone, text string) string { return text }

func sit(t *testing.T, width, height int) *user {
	t.Helper()
	u := &user{t, New(func() tea.Msg { return nil }, plain, false), &console{details: map[uint64]*wire.TaskDetail{}}}
	u.tell(tea.WindowSizeMsg{Width: width, Height: height}, tick(start))
	return u
}

// tell gives messages to the display, and runs what it asks for in return, as long as
// that ends at once.
func (u *user) tell(msgs ...tea.Msg) {
	u.t.Helper()
	for _, msg := range msgs {
		_, cmd := u.m.Update(msg)
		if _, isTick := msg.(tick); !isTick {
			u.run(cmd)
		}
	}
}

func (u *user) run(cmd tea.Cmd) {
	if cmd == nil || u.m.typing { // what a cursor does is to blink, and that takes time
		return
	}
	switch msg := cmd().(type) {
	case tea.BatchMsg:
		for _, cmd := range msg {
			u.run(cmd)
		}
	case fetched, answered:
		u.tell(msg)
	}
}

// program tells of a loop with a state.
func (u *user) program(c *fakeconsole.Console, loop int) key {
	u.t.Helper()
	k := key{c.Hello.PID, loop}
	for id, d := range c.Details {
		u.console.details[id] = d
	}
	u.tell(looked{}, joined{k, c.Hello.Program, wire.Loop{ID: loop, Name: "loop"}, u.console, c.Hello.Actions}, told{k, c.Snapshots[1]})
	return k
}

// later tells of a loop a second later, in which report has run for d.
func (u *user) later(k key, d time.Duration) {
	u.t.Helper()
	next := *u.m.find(k).last.Snapshot
	next.Tasks = append([]wire.Task(nil), next.Tasks...)
	next.At += int64(time.Second)
	next.Stats.Busy = d.Seconds()
	next.Tasks[6].Busy += int64(d)
	u.tell(tick(u.m.now.Add(time.Second)), told{k, &next})
}

// press presses keys: "down", "enter", or a letter.
func (u *user) press(keys ...string) {
	u.t.Helper()
	special := map[string]tea.Key{
		"enter": {Code: tea.KeyEnter}, "esc": {Code: tea.KeyEscape}, "up": {Code: tea.KeyUp}, "down": {Code: tea.KeyDown},
		"tab": {Code: tea.KeyTab}, "shift+tab": {Code: tea.KeyTab, Mod: tea.ModShift}, "pgdown": {Code: tea.KeyPgDown}, "end": {Code: tea.KeyEnd}, "home": {Code: tea.KeyHome},
		"backspace": {Code: tea.KeyBackspace}, "ctrl+c": {Code: 'c', Mod: tea.ModCtrl},
	}
	for _, name := range keys {
		k, ok := special[name]
		if !ok {
			k = tea.Key{Code: []rune(name)[0], Text: name}
		}
		u.tell(tea.KeyPressMsg(k))
	}
}

// write presses the keys of a text.
func (u *user) write(text string) {
	for _, r := range text {
		u.press(string(r))
	}
}

// sees returns what is shown, and checks that it fits the window.
func (u *user) sees() string {
	u.t.Helper()
	text := u.m.View().Content
	lines := strings.Split(text, "\n")
	if len(lines) != u.m.height {
		u.t.Errorf("%d lines in a window of %d", len(lines), u.m.height)
	}
	for i, line := range lines {
		if w := ansi.StringWidth(line); w > u.m.width {
			u.t.Errorf("%d columns in a window of %d: %q", w, u.m.width, line)
		}
		if strings.ContainsAny(ansi.Strip(line), "\x1b\a\r") {
			u.t.Errorf("a control character in %q", line)
		}
		lines[i] = strings.TrimRight(line, " ")
	}
	return strings.Join(lines, "\n")
}

func (u *user) wants(texts ...string) {
	u.t.Helper()
	seen := u.sees()
	for _, text := range texts {
		if !strings.Contains(seen, text) {
			u.t.Errorf("%q is not shown:\n%s", text, seen)
		}
	}
}

func (u *user) wantsNot(texts ...string) {
	u.t.Helper()
	seen := u.sees()
	for _, text := range texts {
		if strings.Contains(seen, text) {
			u.t.Errorf("%q is shown:\n%s", text, seen)
		}
	}
}

// golden compares what is shown with a file of testdata.
func (u *user) golden(name string) {
	u.t.Helper()
	got, path := u.sees()+"\n", filepath.Join("testdata", name+".txt")
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			u.t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		u.t.Fatal(err)
	}
	if got != string(want) {
		u.t.Errorf("%s: shown is\n%s\nwant\n%s(go test -update writes it)", name, got, want)
	}
}

func TestViews(t *testing.T) {
	for _, size := range []struct{ width, height int }{{80, 24}, {120, 40}} {
		u := sit(t, size.width, size.height)
		name := func(page string) string { return fmt.Sprint(page, "-", size.width) }
		k := u.program(fakeconsole.Shop(4242), 1)
		u.later(k, 300*time.Millisecond)
		u.later(k, 730*time.Millisecond)
		u.golden(name("tasks"))
		u.press("w")
		u.golden(name("warnings"))
		u.press("t")
		u.golden(name("tree"))
		u.press("t")
		u.golden(name("awaits"))
		u.press("t", "?")
		u.golden(name("help"))
		u.press("esc", "home", "down", "down", "down", "down", "enter")
		u.golden(name("detail"))
		u.program(fakeconsole.Stuck(4243), 1)
		u.press("o")
		u.golden(name("programs"))
		u.press("2")
		u.golden(name("stuck"))
	}
}

func TestBack(t *testing.T) {
	u := sit(t, 80, 24)
	u.program(fakeconsole.Shop(4242), 1)
	u.program(fakeconsole.Stuck(4243), 1)
	u.wants("PROGRAM")
	u.press("enter", "down", "down", "down", "enter", "w")
	u.wants("Deadlock of 2 tasks")
	u.press("esc")
	u.wants("Task 4 order 18")
	u.press("?", "?")
	u.wants("Task 4 order 18")
	u.press("esc")
	u.wants("[shop 4242]", ">  4 order 18")
	u.press("w", "tab", "esc")
	u.wants("[shop 4243]", ">  1 main")
	u.press("esc", "t", "w", "w")
	u.wants("PROGRAM")
}

func TestTheHelpIsWhole(t *testing.T) {
	u := sit(t, 80, 24)
	u.press("?")
	u.wants("enter   the selected task", "lag     how long")
	u.wantsNot("…", "lines 1 to")
}

func TestNobodyIsThere(t *testing.T) {
	u := sit(t, 80, 24)
	u.wants("looking for programs")
	u.tell(looked{})
	u.wants("No program of yours", "ASYNCIO_CONSOLE=1")
	u.press("down", "enter", "w", "t", "t", "t", "c", "s", "tab", "1", "p", "p", "a", "/", "x", "enter", "esc", "o", "enter")
	u.wants("No program of yours")
	u.tell(looked{"/run/asyncio can be entered by other users"})
	u.wants("can be entered by other users")
}

func TestItStartsAtTheBusiest(t *testing.T) {
	u := sit(t, 80, 24)
	k := u.program(fakeconsole.Shop(4242), 1)
	u.wants(">  1 main")
	u.later(k, 500*time.Millisecond)
	u.wants(">  7 report        running    50%")
	u.press("s")
	u.wants(">  1 main", "s sort:since")
}

func TestTheCursorFollowsItsTask(t *testing.T) {
	u := sit(t, 80, 24)
	k := u.program(fakeconsole.Shop(4242), 1)
	u.press("down")
	u.wants(">  2 http")
	u.later(k, time.Second) // report goes to the top
	u.wants(">  2 http")
	u.press("end")
	u.wants("> 12 a task")
	next := *u.m.current().last.Snapshot
	next.Tasks = next.Tasks[:8] // the last is packer
	next.At++
	u.tell(told{k, &next})
	u.wants(">  8 packer")
	next.Tasks = nil
	u.tell(told{k, &next})
	u.press("up", "down", "enter", "c")
	u.wants("no task")
}

func TestFilter(t *testing.T) {
	u := sit(t, 80, 24)
	u.program(fakeconsole.Shop(4242), 1)
	u.press("/")
	u.write("state:wait order")
	u.wants("order 17", "order 18", "enter keep the filter")
	u.wantsNot("main", "mailer")
	u.press("enter")
	u.wants("filter state:wait order: 3 of 12 tasks")
	u.press("/")
	u.write(" q:7")
	u.wants("no field \"q\"")
	for range " q:7" {
		u.press("backspace")
	}
	u.write(" id:5")
	u.press("enter")
	u.wants("1 of 12 tasks", "order 19")
	u.press("esc")
	u.wants("main", "mailer")
	u.press("/")
	u.write("wait:STOCK")
	u.wantsNot("lock \"till\"")
	u.press("esc")
	u.wants("packer")
	u.press("/")
	u.write("nothing like it")
	u.wants("no task passes the filter")
}

func TestEnded(t *testing.T) {
	u := sit(t, 80, 24)
	u.program(fakeconsole.Shop(4242), 1)
	u.wantsNot("order 16")
	u.press("a")
	u.wants("order 16", "failed", "no such article")
}

func TestSort(t *testing.T) {
	u := sit(t, 80, 24)
	u.program(fakeconsole.Shop(4242), 1)
	for _, test := range []struct{ order, first string }{
		{"since", ">  1 main"}, {"steps", ">  7 report"}, {"name", "> 12 a task"}, {"state", ">  7 report"}, {"id", ">  1 main"}, {"busy", ">  1 main"},
	} {
		u.press("s")
		u.wants("s sort:"+test.order, test.first)
	}
	u.press("S", "S", "S")
	u.wants("s sort:name")
}

func TestPause(t *testing.T) {
	u := sit(t, 80, 24)
	k := u.program(fakeconsole.Shop(4242), 1)
	u.press("p")
	u.later(k, 900*time.Millisecond)
	u.later(k, 900*time.Millisecond)
	u.wants("PAUSED: the program goes on, this is 2.00s old", "busy 12%")
	u.press("p")
	u.wants("busy 90%", "report        running    90%")
	u.wantsNot("PAUSED")
}

func TestCancel(t *testing.T) {
	u := sit(t, 80, 24)
	u.program(fakeconsole.Shop(4242), 1)
	u.press("down", "down", "c")
	u.wants("Cancel task 3 order 17 of shop 4242? y: yes, any other key: no")
	u.press("q")
	u.wants("nothing was canceled")
	u.press("c", "y")
	u.wants("task 3 order 17 is asked to end")
	u.press("up", "c", "y")
	u.wants("this console only shows")
	u.press("w", "c")
	u.wants("choose a task first")
	u.press("esc", "a", "end", "c")
	u.wants("has ended")
	if got := fmt.Sprint(u.console.canceled); got != "[3]" {
		t.Errorf("canceled: %s", got)
	}
	mute := fakeconsole.Shop(4244)
	mute.Hello.Actions = false
	u.program(mute, 1)
	u.press("2", "c")
	u.wants("console.Actions()")
}

func TestDetail(t *testing.T) {
	u := sit(t, 80, 24)
	k := u.program(fakeconsole.Shop(4242), 1)
	u.press("down", "down", "enter")
	u.wants("Task 3 order 17", "lock \"stock\"", "there is no task 3")
	u.press("esc", "down", "enter")
	u.wants("Task 4 order 18", "asyncio.(*Lock).Acquire lock.go:60")
	u.press("end")
	u.wants("created by main")
	changed := *u.console.details[4]
	changed.Stack = []wire.Frame{{Func: "main.other", File: "order.go", Line: 99}}
	u.console.details[4] = &changed
	u.press("home")
	u.later(k, 0)
	u.wants("main.other order.go:99")
}

func TestProgramsComeAndGo(t *testing.T) {
	u := sit(t, 80, 24)
	first := u.program(fakeconsole.Shop(4242), 1)
	u.program(fakeconsole.Stuck(4243), 1)
	u.wants("PROGRAM", "> shop 4242", "does not answer, deadlock")
	u.press("down", "enter")
	u.wants("[shop 4243]", "The loop does not answer: task 7 report holds it for 3.20s", "at time.Sleep time.go:360")
	u.press("tab")
	u.wants("[shop 4242]")
	u.tell(left{first, "the program has ended"})
	u.wants("[shop 4242 (ended)]", "the program has ended at 12:00:00; this is its last state", "report")
	u.press("c")
	u.wants("the program has ended")
	u.press("o")
	u.wants("ended at 12:00:00")
	u.program(fakeconsole.Shop(4242), 1) // it is there again
	u.wantsNot("ended at", "(ended)")
	u.program(fakeconsole.Shop(17), 1) // comes before the others
	u.program(fakeconsole.Shop(17), 2)
	u.wants("shop 17/1", "shop 17/2")
	u.press("1")
	u.wants("[shop 17/1]")
	u.press("shift+tab")
	u.wants("[shop 4243]")
}

func TestEndedProgramsAreForgotten(t *testing.T) {
	u := sit(t, 80, 24)
	last := u.program(fakeconsole.Shop(1), 1)
	for pid := 2; pid < 40; pid++ {
		u.tell(tick(u.m.now.Add(time.Second)), left{last, "the program has ended"})
		last = u.program(fakeconsole.Shop(pid), 1)
	}
	if len(u.m.loops) != maxEnded+2 {
		t.Errorf("%d loops are kept", len(u.m.loops))
	}
	u.wants("> shop 1 ", "  shop 39 ")
	u.wantsNot("shop 2 ")
	u.press("x")
	u.wants("> shop 39 ")
	if len(u.m.loops) != 1 {
		t.Errorf("%d loops are left", len(u.m.loops))
	}
	u.tell(left{last, "the program has ended"})
	u.press("x", "down", "enter", "w", "t", "c", "x")
	u.wants("No program of yours")
}

func TestSilence(t *testing.T) {
	u := sit(t, 80, 24)
	u.program(fakeconsole.Shop(4242), 1)
	u.tell(tick(start.Add(7 * time.Second)))
	u.wants("no news for 7.00s: is the process stopped?")
}

func TestSmallWindows(t *testing.T) {
	u := sit(t, 80, 24)
	u.program(fakeconsole.Shop(4242), 1)
	u.program(fakeconsole.Stuck(4243), 1)
	for _, keys := range [][]string{{"o"}, {"2"}, {"w"}, {"w", "t"}, {"t"}, {"t"}, {"enter"}, {"?"}} {
		u.press(keys...)
		for _, size := range [][2]int{{20, 5}, {1, 1}, {40, 3}, {200, 60}, {0, 0}} {
			u.tell(tea.WindowSizeMsg{Width: size[0], Height: size[1]})
			u.press("down", "pgdown", "end", "home")
			if size[0] > 0 {
				u.sees()
			}
		}
	}
}

func TestManyTasks(t *testing.T) {
	u := sit(t, 80, 24)
	shop := fakeconsole.Shop(4242)
	s := shop.Snapshots[1]
	for id := uint64(100); id < 10_100; id++ {
		s.Tasks = append(s.Tasks, wire.Task{ID: id, Name: fmt.Sprint("worker ", id), State: wire.Ready})
	}
	u.program(shop, 1)
	u.press("end")
	u.wants("> 10099 worker 100")
	u.press("pgdown", "up")
	u.wants("> 10098")
}

func TestColor(t *testing.T) {
	u := sit(t, 80, 24)
	u.m.color = true
	u.m.paint = func(_ screen.Tone, text string) string { return "\x1b[1m" + text + "\x1b[m" }
	u.program(fakeconsole.Shop(4242), 1)
	if seen := u.m.View().Content; !strings.Contains(seen, "\x1b[7m>  1 main") {
		t.Errorf("the selected row is not reversed: %q", seen)
	}
	u.sees()
}

func TestQuit(t *testing.T) {
	for _, key := range []string{"q", "ctrl+c"} {
		u := sit(t, 80, 24)
		_, cmd := u.m.Update(tea.KeyPressMsg(map[string]tea.Key{"q": {Code: 'q', Text: "q"}, "ctrl+c": {Code: 'c', Mod: tea.ModCtrl}}[key]))
		if cmd == nil {
			t.Fatalf("%s: nothing happens", key)
		}
		if _, ok := cmd().(tea.QuitMsg); !ok {
			t.Errorf("%s does not quit", key)
		}
	}
}

// The display runs in bubbletea, from what a feed tells to what a terminal gets.
func TestProgram(t *testing.T) {
	shop := fakeconsole.Shop(4242)
	k := key{4242, 1}
	feed := make(chan tea.Msg)
	keys, keyboard := io.Pipe()
	var screen bytes.Buffer
	p := tea.NewProgram(New(func() tea.Msg { return <-feed }, plain, false), tea.WithInput(keys), tea.WithOutput(&screen),
		tea.WithWindowSize(80, 24), tea.WithoutSignals(), tea.WithContext(t.Context()), tea.WithEnvironment([]string{"TERM=xterm"}))
	go func() {
		feed <- joined{k, "shop", wire.Loop{ID: 1}, &console{}, true}
		feed <- told{k, shop.Snapshots[1]}
		feed <- looked{} // it is asked for when the state has been taken
		keyboard.Write([]byte("q"))
		close(feed)
	}()
	if _, err := p.Run(); err != nil {
		t.Error(err)
	}
	if shown := screen.String(); !strings.Contains(shown, "shop 4242") || !strings.Contains(shown, "order 17") {
		t.Errorf("on the screen: %q", shown)
	}
}

func TestSparkline(t *testing.T) {
	if got := sparkline([]float64{0.5, 0, 0.124, 0.125, 0.99, 1, 7, -1}, 7); got != "▁▁▂█"+"██▁" {
		t.Errorf("got %s", got)
	}
}
