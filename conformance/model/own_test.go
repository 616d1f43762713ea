// Random programs in the second language: it has all of the first, and what CPython's
// asyncio does not have. This file says how the library carries that out;
// ownmodel_test.go is the reference model of it.

package model

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
)

// ownKinds is the language: asyncioKinds, and more often what is the library's own.
var ownKinds = language{
	flat: slices.Concat(asyncioKinds.flat, []opKind{opSetAdd, opSetAdd, opSetAdd, opSetAdd, opSetAdd, opSetAdd, opNext, opNext, opNext,
		opTryNext, opSelectNext, opSelectNext, opSleepUntil}),
	deep: slices.Concat(asyncioKinds.deep, []opKind{opAll, opAll, opEvery, opEvery, opGroup, opGroup, opGroup, opGroup, opSpawn, opSpawn,
		opStartThere, opStartThere, opStartThere}),
	group: slices.Concat(asyncioKinds.group, []opKind{opStart, opStart, opStart, opStart, opEagerStart, opEagerStart,
		opCancelAfter, opCancelAfter, opCancelAfter}),
	calm:      slices.Concat(asyncioKinds.calm, []opKind{opSetAdd, opTryNext, opSleepUntil}),
	calmDeep:  slices.Concat(asyncioKinds.calmDeep, []opKind{opEvery}),
	callbacks: slices.Concat(asyncioKinds.callbacks, []opKind{opSetAdd, opTryNext, opReady, opCancelAfter}),
}

func TestRandomProgramsOfOurOwnAgainstTheModel(t *testing.T) { ownKinds.check(t, 10_000) }

// outcomes is what has to happen in programs, so that the comparison is about something: each
// is an operation with how it ends, or something else that is noted.
var outcomes = []string{
	"next: task", "next: none", "next: canceled", "try next: task", "all: task", "all: canceled",
	"select next: 0 task", "select next: 1 task", "select next: canceled", "has task", "waits for",
	"start: E", "start: canceled", "start: " + asyncio.ErrNotStarted.Error(), "start eagerly: canceled",
	"start there: canceled", "start there: misuse", "ready: ok", "ready: misuse",
	"cancel after: true", "cancel after: false", "has expired",
	"sleep until: ok", "sleep until: canceled", "every: ok", "every: beat", "every: canceled",
}

func TestProgramsOfOurOwnReachEveryOutcome(t *testing.T) {
	var happened strings.Builder
	for seed := range uint64(2_000) {
		trace, _ := runOnModel(ownKinds.generate(randomBytes(seed), programSize))
		happened.WriteString(strings.Join(relative(trace), "\n"))
	}
	for _, outcome := range outcomes {
		if !regexp.MustCompile(`\d ` + outcome).MatchString(happened.String()) {
			t.Errorf("no program has %q", outcome)
		}
	}
}

func FuzzProgramsOfOurOwnAgainstTheModel(f *testing.F) { ownKinds.fuzz(f) }

// own fills in an operation that asyncio does not have.
func (g *generator) own(o *op) {
	switch o.Kind {
	case opSetAdd, opSelectNext:
		o.Set = g.set()
		for range 1 + g.below(3) {
			o.Parts = append(o.Parts, part{Slot: g.slotFor(o.Kind)})
		}
	case opNext, opTryNext:
		o.Set = g.set()
	case opCancelAfter:
		o.Time = g.below(6) - 1
	case opSleepUntil:
		o.Time = g.below(12)
	}
	if o.Kind == opSelectNext {
		o.Future, o.Time, o.Limit = g.below(futures), g.below(7)-2, g.below(2)
	}
}

// set chooses a set: mostly the first, so that there is something in it.
func (g *generator) set() int { return g.below(3) / 2 }

// slotFor chooses a task: a set may have one that waits for it.
func (g *generator) slotFor(k opKind) int {
	if k == opSetAdd {
		return g.anySlot()
	}
	return g.settledSlot()
}

// setFirst says that the set is the first case of an opSelectNext, and the future the second.
func (o op) setFirst() bool { return o.Limit == 1 }

// own carries out an operation that asyncio does not have.
func (r *libRun) own(ctx context.Context, at libPlace, o op) (string, error) {
	switch o.Kind {
	case opNext:
		t, ok, err := r.sets[o.Set].Next(ctx)
		return handed(t, ok), err
	case opAll:
		return r.all(ctx, at, o)
	case opSelectNext:
		return r.selectNext(ctx, o)
	case opStart, opEagerStart, opStartThere:
		return r.start(ctx, at, o)
	case opSleepUntil:
		return "ok", asyncio.SleepUntil(ctx, r.begin.Add(o.time()))
	case opEvery:
		return "ok", r.every(ctx, at, o)
	default:
		return r.actOwn(at, o), nil
	}
}

func handed(t *asyncio.Task[int], ok bool) string {
	if !ok {
		return "none"
	}
	return "task " + number(t.Name())
}

// actOwn carries out one that does not wait.
func (r *libRun) actOwn(at libPlace, o op) (outcome string) {
	set := &r.sets[o.Set]
	switch o.Kind {
	case opSetAdd:
		for _, p := range o.Parts {
			if t := r.slot(p.Slot); t != nil {
				set.Add(t)
			}
		}
		return fmt.Sprint(set.Len())
	case opTryNext:
		return handed(set.TryNext())
	case opReady:
		return at.ready(o.ID)
	default:
		return at.cancelAfter(o.time())
	}
}

func (at libPlace) ready(value int) (outcome string) {
	if at.started == nil {
		return "skipped"
	}
	defer noteMisuse(&outcome)
	at.started(value)
	return "ok"
}

// noteMisuse is deferred where the library may panic.
func noteMisuse(outcome *string) {
	if recover() != nil {
		*outcome = "misuse"
	}
}

func (at libPlace) cancelAfter(d time.Duration) string {
	if at.group == nil {
		return "skipped"
	}
	at.group.CancelAfter(d)
	return fmt.Sprint(at.group.Expired())
}

// all takes tasks out in up to o.Limit+1 turns.
func (r *libRun) all(ctx context.Context, at libPlace, o op) (string, error) {
	var seen []string
	for t, err := range r.sets[o.Set].All(ctx) {
		if err != nil {
			return "", err
		}
		seen = append(seen, handed(t, true))
		if err := r.ops(ctx, at, o.Body); err != nil {
			return "", err
		}
		if len(seen) > o.Limit {
			break
		}
	}
	return strings.Join(seen, " "), nil
}

func (r *libRun) selectNext(ctx context.Context, o op) (string, error) {
	var next *asyncio.Task[int]
	cases := []asyncio.Case{r.futs[o.Future].OnDone(), r.sets[o.Set].OnNext(&next)}
	if o.setFirst() {
		slices.Reverse(cases)
	}
	for _, p := range o.Parts {
		if t := r.slot(p.Slot); t != nil {
			cases = append(cases, t.OnDone())
		}
	}
	if o.Time != 0 {
		cases = append(cases, asyncio.After(o.time()))
	}
	chosen, err := asyncio.Select(ctx, cases...)
	return fmt.Sprintf("%d %s", chosen, handed(next, next != nil)), err
}

func (r *libRun) start(ctx context.Context, at libPlace, o op) (outcome string, err error) {
	if o.Kind == opStartThere {
		at.group = r.groups[o.Group]
		defer noteMisuse(&outcome)
	}
	if at.group == nil {
		return "skipped", nil
	}
	var opts []asyncio.TaskOption
	if o.Kind == opEagerStart {
		opts = append(opts, asyncio.Eager())
	}
	return noted(asyncio.Start(ctx, at.group, func(ctx context.Context, started func(int)) error {
		return r.ops(ctx, libPlace{at.group, started}, o.Body)
	}, opts...))
}

// every has o.Limit+1 turns.
func (r *libRun) every(ctx context.Context, at libPlace, o op) error {
	turns := 0
	for beat, err := range asyncio.Every(ctx, o.time()) {
		if err != nil {
			return err
		}
		r.note("task %s: %s: beat %d", r.task(), o.label(), beat.Sub(r.begin).Milliseconds())
		if err := r.ops(ctx, at, o.Body); err != nil {
			return err
		}
		if turns++; turns > o.Limit {
			break
		}
	}
	return nil
}

// noteSets notes what is left in the sets: a task that a set has lost is missing there.
func (r *libRun) noteSets() {
	for i := range r.sets {
		set := &r.sets[i]
		for t, ok := set.TryNext(); ok; t, ok = set.TryNext() {
			r.note("set %d has %s", i, handed(t, ok))
		}
		if set.Len() > 0 {
			r.note("set %d waits for %d", i, set.Len())
		}
	}
}
