package pages

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"

	"github.com/asyncio-go/asyncio/cmd/asyncio/internal/screen"
	"github.com/asyncio-go/asyncio/lessons"
	"github.com/asyncio-go/asyncio/lessons/recording"
)

func TestALessonFromItsIdeaToTheNext(t *testing.T) {
	r := sit(t, config("gather", "queue"), 80, 24)
	gather := r.m.lesson()
	r.has("Lesson 7 of", gather.Title, gather.Idea, gather.Question.Text, "recorded from the real loop, on its virtual clock")
	r.press("1")
	r.has("plays 1x", "event 0 of")
	r.pass(2000)
	r.has("You said \""+gather.Question.Choices[0]+"\"; it is \""+gather.Question.Choices[gather.Question.Right]+"\"", gather.Conclusion, gather.Try)
	r.press("enter")
	r.has(r.m.lesson().Title, r.m.lesson().Question.Text)
	if r.m.lesson().Name != "queue" {
		t.Errorf("the next lesson is %s", r.m.lesson().Name)
	}
	r.press("enter", "enter", "enter")
	r.has("These were the lessons that you asked for", `"asyncio tour list"`)
	if r.quit {
		t.Error("it is left before anyone could read that")
	}
	if r.press("enter"); !r.quit {
		t.Error("Enter does not leave the last page")
	}
}

// What is shown plays at the reader's pace, and ends where the recording does.
func TestPlaying(t *testing.T) {
	r := sit(t, config("gather"), 80, 24)
	r.press("enter")
	frames, before := 0, r.m.player.n
	for r.m.phase == playing {
		r.pass(1)
		if r.m.player.n < before {
			t.Fatalf("it went back from event %d to %d", before, r.m.player.n)
		}
		frames, before = frames+1, r.m.player.n
	}
	took := float64(frames) * frame.Seconds()
	if took < 2 || took > 30 {
		t.Errorf("2 s of the lesson take %v s at speed 1", took)
	}
	r.press("+", "r")
	faster := 0
	for r.m.phase == playing {
		r.pass(1)
		faster++
	}
	if faster > frames*2/3 {
		t.Errorf("%d frames at speed 1, %d at speed 2", frames, faster)
	}
}

func TestStepping(t *testing.T) {
	r := sit(t, config("concurrency"), 80, 24)
	r.press("right")
	if r.m.phase != playing || r.m.player.n != 1 {
		t.Fatalf("the first step leads to event %d", r.m.player.n)
	}
	var pages []string
	for n := 1; n < r.m.player.film.length(); n++ {
		pages = append(pages, r.page())
		r.press("right")
	}
	for n := len(pages) - 1; n >= 0; n-- {
		if r.press("left"); r.page() != pages[n] {
			t.Fatalf("back at event %d, the page is another:\n%s\nit was\n%s", n+1, r.page(), pages[n])
		}
	}
	for !r.m.player.over() {
		r.press("n")
		e := r.m.player.film.rec.Events[r.m.player.n-1]
		if !r.m.player.over() && e.Kind != recording.Begin && e.Kind != recording.Call {
			t.Errorf("N leads to an event of the kind %s", e.Kind)
		}
	}
	r.press("home")
	r.has("event 0 of")
	r.press("left")
	r.has("event 0 of")
}

// Back in the middle of a wait is where the wait began.
func TestStepBackFromAWait(t *testing.T) {
	r := sit(t, config("gather"), 80, 24)
	r.press("enter")
	p := &r.m.player
	for p.t == 0 || p.t == p.film.at(p.n) {
		r.pass(1)
	}
	n := p.n
	if r.press("space", "left"); p.n != n || p.t != p.film.at(n) {
		t.Errorf("at event %d, %v; want %d, %v", p.n, p.t, n, p.film.at(n))
	}
}

func TestTheLineThatRunsIsMarked(t *testing.T) {
	for _, size := range [][2]int{{80, 24}, {140, 40}} {
		r := sit(t, config("gather"), size[0], size[1])
		r.press("enter", "space", "home")
		marked := 0
		for !r.m.player.over() {
			r.press("right")
			s := r.m.state()
			if s.Running == nil || s.Running.Line == 0 {
				continue
			}
			line := r.m.lesson().Go().Lines[s.Running.Line-1]
			found := false
			for shown := range strings.Lines(r.page()) {
				found = found || strings.Contains(shown, "▶") && strings.Contains(shown, strings.TrimSpace(line))
			}
			if !found {
				t.Fatalf("line %d runs and is not marked: %s\n%s", s.Running.Line, line, r.page())
			}
			marked++
		}
		if marked < 5 {
			t.Errorf("only %d lines were marked", marked)
		}
	}
}

func TestParameters(t *testing.T) {
	r := sit(t, config("gather"), 80, 24)
	r.press("1", "end", "p")
	r.has("Parameters of gather", "0s to 5s")
	r.press("9", "enter")
	r.has("A=9s: has to be a time from 0s to 5s")
	r.press("4", "enter", "down", "left", "left")
	r.has("4s 0s to 5s, was 2s", "800ms")
	r.press("enter")
	r.has("A=4s B=800ms")
	r.press("end")
	r.has("With A=4s B=800ms it took 4 s.", "took 4.0 s")
	r.press("p", "r", "enter", "end")
	if page := r.page(); strings.Contains(page, "A=4s") || !strings.Contains(page, "took 2.0 s") {
		t.Errorf("R does not bring the defaults back:\n%s", page)
	}
}

func TestEveryKindOfParameter(t *testing.T) {
	for _, l := range lessons.All() {
		r := sit(t, config(l.Name), 80, 30)
		r.press("p")
		if len(l.Params) == 0 {
			r.has("this lesson has no parameters")
			continue
		}
		for _, p := range l.Params {
			for _, key := range []string{"right", "left", "left", "left"} {
				r.press(key)
				if err := p.Check(value(r.m.form.values, p)); err != nil {
					t.Errorf("%s: %v", l.Name, err)
				}
			}
			r.press("down")
		}
		r.press("enter")
		if r.m.player.film == nil {
			t.Errorf("%s was not recorded: %v", l.Name, r.m.err)
		}
		r.page()
	}
}

func TestValuesOfTheCommandLine(t *testing.T) {
	c := config("gather")
	c.Values = map[string]string{"A": "3s"}
	r := sit(t, c, 80, 24)
	r.press("end")
	r.has("A=3s", "With A=3s it took 3 s.", "Without changes: The picture")
}

// A switch is shown as its label is read: as an answer to whether.
func TestSwitchesAreYesOrNo(t *testing.T) {
	r := sit(t, config("locks"), 80, 24)
	r.press("p", "right")
	r.has("whether they use the lock", "no ", "yes, no, was yes")
	r.press("enter", "end")
	r.has("lock=no")
}

func TestTheLoopIsWhoTheLessonSays(t *testing.T) {
	r := sit(t, config("concurrency"), 140, 40)
	r.press("n", "n", "n")
	r.has("the cook had")
	if strings.Contains(r.page(), "the loop ran") {
		t.Errorf("the cook has two names:\n%s", r.page())
	}
}

func TestGoingToLessons(t *testing.T) {
	r := sit(t, config("gather"), 80, 24)
	r.press("g", "down", "enter")
	if name := r.m.lesson().Name; name != "taskgroup" {
		t.Fatalf("the lesson after gather in the list is %s", name)
	}
	r.press("[")
	if name := r.m.lesson().Name; name != "gather" {
		t.Errorf("the lesson before is %s", name)
	}
	r.press("[", "[")
	if name := r.m.lesson().Name; name != "gather" {
		t.Errorf("before the first lesson is %s", name)
	}
	r.press("]")
	if name := r.m.lesson().Name; name != "taskgroup" {
		t.Errorf("the next lesson is %s", name)
	}
	r.press("g", "home")
	r.has("1 concurrency")
	r.press("esc")
	r.has(r.m.lesson().Idea)
}

func TestLanguagesAndTheWholeProgram(t *testing.T) {
	r := sit(t, config("gather"), 80, 24)
	r.press("l")
	r.has("await asyncio.gather(")
	r.press("l", "c")
	r.has("─ Go ─ lessons/gather/gather.go", "func worker(", "lines 1 to")
	r.press("end")
	r.has("return asyncio.Run(ctx, main, lesson.Options(ctx)...)")
	r.press("l")
	r.has("─ Python ─ lessons/gather/gather.py", "asyncio.run(main())")
	r.press("esc")
	r.tell(tea.WindowSizeMsg{Width: 140, Height: 40})
	r.has("─ Go ─", "─ Python ─")
}

func TestResizeWhilePlaying(t *testing.T) {
	r := sit(t, config("concurrency"), 80, 24)
	r.press("enter")
	r.pass(20)
	n := r.m.player.n
	r.tell(tea.WindowSizeMsg{Width: 140, Height: 40})
	r.has("Running now", "Ready queue", "Timers", "Why did it run now?")
	if r.m.player.n != n || !r.m.player.playing {
		t.Errorf("it was at event %d, and is at %d; plays: %v", n, r.m.player.n, r.m.player.playing)
	}
	r.tell(tea.WindowSizeMsg{Width: 80, Height: 32})
	r.has("Running now", "Ready queue", "Timers")
	r.tell(tea.WindowSizeMsg{Width: 30, Height: 8})
	if page := r.m.View().Content; !strings.Contains(strings.Join(strings.Fields(page), " "), "This window has 30 columns and 8 rows") {
		t.Errorf("in a window that is too small:\n%s", page)
	}
	r.tell(tea.WindowSizeMsg{Width: 80, Height: 24})
	r.pass(1)
	r.page()
}

func TestTheFootNamesTheKeys(t *testing.T) {
	r := sit(t, config(), 80, 24)
	for _, keys := range [][]string{nil, {"enter"}, {"end"}} {
		r.press(keys...)
		r.has("← → step", "N next switch", "- + speed", "P parameters", "L language", "C code", "G lessons", "[ ] lesson", "? keys", "Q quit")
	}
	r.press("?")
	r.has("a step back, a step on", "Ctrl-Z")
	r.press("?")
	for _, key := range []string{"q", "ctrl+c"} {
		r.quit = false
		if key == "q" {
			r.press(key)
		} else {
			r.tell(tea.KeyPressMsg{Code: 'c', Mod: tea.ModCtrl})
		}
		if !r.quit {
			t.Errorf("%s does not leave", key)
		}
	}
}

// A tour for a talk goes on by itself, unless someone stops it.
func TestAuto(t *testing.T) {
	c := config("gather", "queue")
	c.Auto = true
	r := sit(t, c, 80, 24)
	r.has("auto: space stops it")
	r.press("space")
	r.pass(10)
	r.has("stopped: space goes on", r.m.lesson().Idea)
	r.press("space")
	r.pass(1)
	if r.m.phase != playing {
		t.Fatalf("the lesson does not run:\n%s", r.page())
	}
	r.press("right") // someone looks closely
	r.pass(10)
	if r.m.phase != playing || r.m.player.n > 2 {
		t.Fatalf("it goes on though the reader steps:\n%s", r.page())
	}
	r.press("space")
	for range 5000 {
		if r.quit {
			break
		}
		r.pass(1)
	}
	if !r.quit || r.m.phase != closed {
		t.Errorf("it does not come to its end:\n%s", r.page())
	}
}

func TestAPageIsKeptWhileSomethingElseIsRead(t *testing.T) {
	c := config("gather")
	c.Auto = true
	r := sit(t, c, 80, 24)
	r.press("?")
	r.pass(10)
	r.has("a step back, a step on")
	r.press("esc")
	r.pass(1)
	if r.m.phase != playing {
		t.Errorf("it does not go on:\n%s", r.page())
	}
}

func TestALessonThatCannotBeRecorded(t *testing.T) {
	c := config("gather")
	c.Record = func(context.Context, lessons.Lesson, map[string]string) (*recording.Recording, error) {
		return nil, errors.New("the kitchen is closed")
	}
	r := sit(t, c, 80, 24)
	r.has("This lesson could not be recorded: the kitchen is closed")
	for _, key := range []string{"enter", "space", "right", "n", "end", "r", "p", "enter", "enter", "esc", "]"} {
		r.press(key)
		r.page()
	}
}

// An error of the program is part of what it shows; its texts do not reach the terminal as
// they are.
func TestAProgramThatFails(t *testing.T) {
	c := config("gather")
	c.Record = func(context.Context, lessons.Lesson, map[string]string) (*recording.Recording, error) {
		return &recording.Recording{
			Tasks: []recording.Task{{ID: 1, Name: "a\x1b[2Jb"}},
			Events: []recording.Event{
				{Kind: recording.Spawn, Task: 1},
				{Kind: recording.Begin, Task: 1, Step: 1},
				{Kind: recording.Print, Task: 1, Text: "x\x1b[2Jy"},
				{Kind: recording.Done, Task: 1, How: "failed", Error: "no\x1b[2Jthing"},
				{Kind: recording.End, Task: 1, How: recording.Ends},
				{Kind: recording.Over},
			},
			Error: "no spoon\x1b[2J",
		}, nil
	}
	r := sit(t, c, 80, 24)
	r.press("right", "right", "right", "right")
	for range 4 {
		if text := r.m.View().Content; strings.Contains(text, "\x1b[2J") {
			t.Fatalf("a control code of the program is on the page: %q", text)
		}
		r.press("right")
	}
	r.press("enter")
	r.has("no spoon")
	if page := r.page(); !strings.Contains(page, "✗") {
		t.Errorf("the failure is not marked:\n%s", page)
	}
}

func TestADeadlockIsMarked(t *testing.T) {
	r := sit(t, config("deadlock"), 80, 24)
	r.press("end")
	stuck := 0
	for line := range strings.Lines(r.page()) {
		if strings.Contains(line, "held by") && strings.Count(line, "┼") > 2 {
			stuck++
		}
	}
	if stuck != 2 {
		t.Errorf("%d waits are marked, want the two of the cycle:\n%s", stuck, r.page())
	}
	r.press("home", "n", "n", "n", "n")
	if strings.Contains(r.page(), "┼") {
		t.Errorf("marked before it is there:\n%s", r.page())
	}
}

// With colors, what has not happened yet is pale, but only after the guess; without, it is
// not drawn.
func TestTheFuture(t *testing.T) {
	c := config("gather")
	plain := sit(t, c, 80, 24)
	plain.press("enter", "space", "home")
	if strings.Contains(plain.page(), "sleeps 2 s") {
		t.Errorf("without colors the future is drawn:\n%s", plain.page())
	}
	c.Color, c.Paint = true, screen.Colored(io.Discard, 80).Paint
	colored := sit(t, c, 80, 24)
	if page := colored.page(); strings.Contains(page, "sleeps 2 s") || strings.Contains(page, "Timeline") {
		t.Errorf("the future is drawn before the guess:\n%s", page)
	}
	colored.press("enter", "space", "home")
	colored.has("sleeps 2 s")
}
