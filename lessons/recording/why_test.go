package recording_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/lessons/lesson"
	"github.com/asyncio-go/asyncio/lessons/recording"
)

// why returns what is said of each step and call, in order.
func why(r *recording.Recording) (sentences []string) {
	last := -1
	for n := range len(r.Events) + 1 {
		if chain := r.Why(n); len(chain) > 0 && chain[0].Event != last {
			last = chain[0].Event
			sentences = append(sentences, chain[0].String())
		}
	}
	return sentences
}

func TestWhyItRunsNow(t *testing.T) {
	const s = time.Second
	r := record(t, program(func(ctx context.Context) error {
		lock := new(asyncio.Lock)
		lock.SetName("knife")
		cook := asyncio.Go(ctx, func(ctx context.Context) error {
			return lock.With(ctx, func() error { return asyncio.Sleep(ctx, s) })
		}, asyncio.Name("cook"))
		maid := asyncio.Go(ctx, func(ctx context.Context) error {
			return lock.With(ctx, func() error { lesson.Work(ctx, 3*s); return nil })
		}, asyncio.Name("maid"))
		late := asyncio.Go(ctx, func(ctx context.Context) error {
			return asyncio.WithTimeout(ctx, 2*s, func(ctx context.Context) error { return asyncio.Sleep(ctx, 9*s) })
		}, asyncio.Name("late"))
		asyncio.RunningLoop(ctx).CallSoon(func() {})
		if _, err := maid.Await(ctx); err != nil {
			return err
		}
		_, _ = late.Await(ctx)
		_, err := cook.Await(ctx)
		return err
	}))
	wantLines(t, lineless(why(r)),
		"main runs at 0 s because the program begins with it.",
		"cook runs at 0 s because main has started it.",
		"maid runs at 0 s because main has started it.",
		"late runs at 0 s because main has started it.",
		"A callback runs at 0 s because main has asked for it.",
		"cook runs at 1 s because its sleep is over.",
		`maid runs at 1 s because cook has woken it, as it waited for lock "knife".`,
		"main runs at 4 s because maid has ended.",
		"late runs at 4 s because its time is up. It could have run 2 s before that: maid had the loop for 2 s.",
		"main runs at 4 s because late has ended.",
	)
}

// lineless takes the lines out of sentences.
func lineless(sentences []string) []string {
	for i, text := range sentences {
		if before, after, ok := strings.Cut(text, " (line "); ok {
			_, after, _ = strings.Cut(after, ")")
			sentences[i] = before + after
		}
	}
	return sentences
}

// Each chain goes back in time, to the beginning of the program.
func TestWhyComesToTheBeginning(t *testing.T) {
	each(t, func(t *testing.T, r *recording.Recording) {
		for n := range len(r.Events) + 1 {
			chain := r.Why(n)
			for i, link := range chain {
				if i > 0 && link.Event >= chain[i-1].Event || link.Late() < 0 || link.Cause == "" {
					t.Fatalf("after %d events, link %d of the chain is %+v", n, i, link)
				}
			}
			if len(chain) > 0 && chain[len(chain)-1].Cause != recording.CauseStart {
				t.Fatalf("after %d events, the chain ends with %+v", n, chain[len(chain)-1])
			}
		}
	})
}
