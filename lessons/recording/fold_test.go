package recording_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"runtime"
	"slices"
	"testing"

	"github.com/asyncio-go/asyncio/internal/engine"
	"github.com/asyncio-go/asyncio/lessons"
	"github.com/asyncio-go/asyncio/lessons/recording"
)

// each calls test with the recording of each lesson, and of each of its ways.
func each(t *testing.T, test func(t *testing.T, r *recording.Recording)) {
	for _, l := range lessons.All() {
		t.Run(l.Name, func(t *testing.T) {
			t.Parallel()
			r, err := l.Record(t.Context(), nil)
			if err != nil {
				t.Fatal(err)
			}
			test(t, r)
			for _, way := range r.Ways {
				t.Run(way.Name, func(t *testing.T) { test(t, way.Recording) })
			}
		})
	}
}

func asJSON(t *testing.T, x any) string {
	t.Helper()
	b, err := json.Marshal(x)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestKeyFramesGiveTheSameStates(t *testing.T) {
	each(t, func(t *testing.T, r *recording.Recording) {
		forwards, backwards := r.Player(), r.Player()
		for n := range len(r.Events) + 1 {
			if got, want := forwards.At(n), r.Fold(n); !reflect.DeepEqual(got, want) {
				t.Fatalf("after %d events, forwards:\n%s\nwant\n%s", n, asJSON(t, got), asJSON(t, want))
			}
		}
		for n := len(r.Events); n >= 0; n-- {
			if got, want := backwards.At(n), r.Fold(n); !reflect.DeepEqual(got, want) {
				t.Fatalf("after %d events, backwards:\n%s\nwant\n%s", n, asJSON(t, got), asJSON(t, want))
			}
		}
	})
}

// A queue is what is in the ready queue, as text, after so many events.
type queue struct {
	events int
	slots  []string
	timers []string
}

// The engine is asked whenever it tells something.
func TestReadyQueueAndTimersAreTheEngines(t *testing.T) {
	for _, l := range lessons.All() {
		t.Run(l.Name, func(t *testing.T) {
			t.Parallel()
			if l.NeedsProcess && runtime.GOOS == "js" {
				t.Skip("there are no processes here")
			}
			var truth []queue
			p := l.Program(nil).WithHeard(func(n int, loop *engine.Loop) {
				truth = append(truth, queue{n, slots(loop), deadlines(loop)})
			})
			r, err := recording.Record(t.Context(), p)
			if err != nil {
				t.Fatal(err)
			}
			player := r.Player()
			compared := 0
			for _, want := range truth {
				if want.events >= len(r.Events) { // the loop winds up, and over comes first
					break
				}
				compared++
				s := player.At(want.events)
				if got := ready(s); !slices.Equal(got, want.slots) {
					t.Fatalf("after %d events, ready is %q, and the engine has %q", want.events, got, want.slots)
				}
				if got := timers(s); !slices.Equal(got, want.timers) {
					t.Fatalf("after %d events, timers are %q, and the engine has %q", want.events, got, want.timers)
				}
			}
			if compared < 10 {
				t.Errorf("only %d states were compared", compared)
			}
		})
	}
}

func slots(l *engine.Loop) (all []string) {
	for s := l.Taken() + 1; s <= l.Newest(); s++ {
		switch e := l.InSlot(s).(type) {
		case nil:
		case *engine.Task:
			all = append(all, fmt.Sprintf("%d: task %d", s, e.ID()))
		default:
			all = append(all, fmt.Sprintf("%d: event", s))
		}
	}
	return all
}

func ready(s recording.State) (all []string) {
	for _, q := range s.Ready {
		if q.Kind == "task" {
			all = append(all, fmt.Sprintf("%d: task %d", q.Slot, q.Task))
		} else {
			all = append(all, fmt.Sprintf("%d: event", q.Slot))
		}
	}
	return all
}

func deadlines(l *engine.Loop) (all []string) {
	for _, t := range l.Timers() {
		all = append(all, fmt.Sprintf("%v for task %d", t.At, t.Task))
	}
	return all
}

func timers(s recording.State) (all []string) {
	for _, t := range s.Timers {
		all = append(all, fmt.Sprintf("%v for task %d", t.At, t.Task))
	}
	return all
}

// What happens has to be possible in the state before it.
func TestEventsFollowFromStates(t *testing.T) {
	each(t, func(t *testing.T, r *recording.Recording) {
		player := r.Player()
		for n, e := range r.Events {
			s := player.At(n)
			if wrong := impossible(s, e); wrong != "" {
				t.Errorf("event %d, %s: %s", n, asJSON(t, e), wrong)
			}
		}
		checkEnd(t, player.At(player.Len()))
	})
}

func impossible(s recording.State, e recording.Event) string {
	state := s.Tasks[e.Task].State
	inQueue := slices.ContainsFunc(s.Ready, func(q recording.Queued) bool { return q.Slot == e.Slot })
	isSet := slices.ContainsFunc(s.Timers, func(t recording.SetTimer) bool { return t.ID == e.ID })
	switch e.Kind {
	case recording.Spawn:
		if state != "" {
			return "the task is there already"
		}
	case recording.Push:
		if inQueue {
			return "something is in the slot"
		}
	case recording.Take:
		if !inQueue {
			return "nothing is in the slot"
		}
		if !e.Back && s.Ready[0].Slot != e.Slot {
			return "it is not its turn"
		}
	case recording.Begin:
		if state != recording.StateReady && state != recording.StateRunning || s.Running != nil {
			return "the task cannot run"
		}
	case recording.End:
		if s.Running == nil || s.Running.Task != e.Task {
			return "another runs"
		}
	case recording.Called:
		if s.Running == nil || s.Running.Callback == "" {
			return "no callback runs"
		}
	case recording.Timer:
		if isSet || e.At < e.T {
			return "the timer is set already, or its time has passed"
		}
	case recording.Due, recording.Stop:
		if !isSet {
			return "no such timer is set"
		}
	case recording.Pass:
		if len(s.Ready) != e.Ready || e.N != s.Pass+1 {
			return fmt.Sprintf("ready are %d, and the pass before was %d", len(s.Ready), s.Pass)
		}
	case recording.Done:
		if state == recording.StateDone || state == recording.StateWaiting {
			return "the task is " + state
		}
	}
	return ""
}

func checkEnd(t *testing.T, s recording.State) {
	t.Helper()
	if len(s.Ready)+len(s.Timers)+len(s.Rows)+len(s.Groups) > 0 || s.Running != nil || s.Sleeping != nil {
		t.Errorf("in the end there is something left: %s", asJSON(t, s))
	}
	for id, task := range s.Tasks {
		if task.State != recording.StateDone || task.How == "" {
			t.Errorf("in the end task %d is %s", id, asJSON(t, task))
		}
	}
}
