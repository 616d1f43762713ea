package console

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio/internal/engine"
	"github.com/asyncio-go/asyncio/internal/wire"
)

// pastOf returns the frames of the time before a client came.
func pastOf(s *subscription) (frames []*wire.LiveFrame) {
	for f := range s.past {
		frames = append(frames, f)
	}
	return frames
}

// expectJoined reports frames between which there is time of which none of them tells.
func expectJoined(t *testing.T, frames []*wire.LiveFrame, live *wire.LiveFrame) {
	t.Helper()
	for i, f := range append(frames[1:len(frames):len(frames)], live) {
		if before := frames[i]; f.From != before.To || f.To < f.From {
			t.Errorf("a frame from %d to %d comes after one from %d to %d", f.From, f.To, before.From, before.To)
		}
	}
	for _, f := range frames {
		if !f.Past || f.N != live.N-1 {
			t.Errorf("a frame of the past says past %v, and has the number %d; the first one after is %d", f.Past, f.N, live.N)
		}
	}
}

func (b *bench) at(time int64) *bench {
	b.f.mu.Lock()
	defer b.f.mu.Unlock()
	b.f.time = time
	return b
}

func TestPastEndsWhereTheFramesBegin(t *testing.T) {
	for _, others := range []bool{false, true} {
		t.Run(fmt.Sprintf("others=%v", others), func(t *testing.T) {
			b := newBench(t)
			if others {
				b.w.subscribe(0)
			}
			at := sec
			steps := func(n int) {
				for range n {
					b.happen(step(engine.Yields, 1, at, at+1000))
					at += 2000
				}
				b.at(at)
			}
			steps(5000)
			b.frame()
			steps(300) // what others have not been told yet
			sub := b.w.subscribe(60)
			steps(200)
			b.frame()
			frames, live := pastOf(sub), next[*wire.LiveFrame](t, sub)
			expectJoined(t, frames, live)
			if f := frames[0]; f.From != b.w.begun {
				t.Errorf("the past begins at %d, and the watching did at %d", f.From, b.w.begun)
			}
			seen := map[int64]int{}
			for _, f := range append(frames, live) {
				if len(f.Rec) > frameRecords || f.Lost > 0 {
					t.Errorf("a frame has %d records, and %d are lost", len(f.Rec), f.Lost)
				}
				for _, r := range f.Rec {
					seen[r[1]]++
				}
			}
			if len(seen) != 5500 {
				t.Errorf("%d events were told, want 5500", len(seen))
			}
			for at, n := range seen {
				if n != 1 {
					t.Fatalf("the event at %d was told %d times", at, n)
				}
			}
		})
	}
}

func TestPastTellsWhatFramesWould(t *testing.T) {
	b := newBench(t)
	other := b.w.subscribe(0)
	b.happen(
		told{record: record{kind: engine.Opened, at: 10, task: 1, arg: 4}, words: "workers"},
		told{record: record{kind: engine.Spawned, at: 20, task: 2, arg: 1, n: 4}, words: "fetcher"},
		told{record: record{kind: engine.Waits, from: 20, at: 30, task: 2, label: engine.LabelSleep, arg: 1_500_000_000}},
		told{record: record{kind: engine.Woken, at: 40, task: 2, label: engine.LabelTask, arg: 1}},
		told{record: record{kind: engine.Failed, at: 42, task: 2}, words: "no such file"},
		told{record: record{kind: engine.Woken, at: 42, task: 2, label: engine.LabelTimer}},
		told{record: record{kind: engine.Ends, from: 42, at: 43, task: 2}},
		told{record: record{kind: engine.Ends, from: 43, at: 44, task: 5}},
		told{record: record{kind: engine.Began, at: 44, task: 1, label: engine.LabelThread}, words: "thread-1"},
		told{record: record{kind: engine.Finished, at: 45, label: engine.LabelThread}, words: "thread-1\nbroken"},
		told{record: record{kind: engine.Began, at: 45, task: 1, label: labelRemote}, words: "w1\nresize=1\n4711"},
		told{record: record{kind: engine.Left, at: 46, arg: 4}},
		told{record: record{kind: engine.Canceled, at: 47, task: 6}},
	)
	b.at(1000)
	b.w.begun = 5
	b.frame() // the group is forgotten
	want := lines(next[*wire.LiveFrame](t, other))
	frames := pastOf(b.w.subscribe(60))
	var got strings.Builder
	for _, f := range frames {
		got.WriteString(lines(f))
	}
	if got.String() != want {
		t.Errorf("the past is\n%s, and who saw it was told\n%s", got.String(), want)
	}
}

func TestPastBeginsWhereAllIsKnown(t *testing.T) {
	b := newBench(t)
	b.happen(step(engine.Yields, 1, 10*sec, 10*sec+5), step(engine.Yields, 1, 50*sec, 50*sec+5))
	b.at(80 * sec)
	if f := pastOf(b.w.subscribe(60))[0]; f.From != 20*sec || len(f.Rec) != 1 {
		t.Errorf("of 60 seconds it begins at %d, with %d records", f.From, len(f.Rec))
	}
	var more []told
	for i := range replayRecords {
		more = append(more, step(engine.Yields, 1, 60*sec+int64(i), 60*sec+int64(i)+1))
	}
	b.happen(more...)
	frames, n := pastOf(b.w.subscribe(60)), 0
	for _, f := range frames {
		n += len(f.Rec)
	}
	if f := frames[0]; f.From != 60*sec+1 || n != replayRecords {
		t.Errorf("of many it begins at %d, with %d records", f.From, n)
	}
	if last := frames[len(frames)-1]; last.To != 80*sec {
		t.Errorf("it ends at %d", last.To)
	}
}

func TestPastShowsWhereEventsAreLost(t *testing.T) {
	b := newBench(t)
	b.happen(step(engine.Yields, 1, sec, sec+5))
	b.w.mu.Lock()
	b.w.count(7, b.w.history.added)
	b.w.mu.Unlock()
	b.f.dropped = 7
	b.happen(step(engine.Yields, 1, 3*sec, 3*sec+5))
	b.at(4 * sec)
	b.w.mu.Lock()
	b.w.count(9, b.w.history.added)
	b.w.mu.Unlock()
	var got []string
	for _, f := range pastOf(b.w.subscribe(60)) {
		got = append(got, fmt.Sprintf("%d-%d: %d, lost %d", f.From/sec, f.To/sec, len(f.Rec), f.Lost))
	}
	if s := strings.Join(got, "; "); s != "1-1: 1, lost 0; 1-3: 0, lost 7; 3-3: 1, lost 0; 3-4: 0, lost 2" {
		t.Errorf("the frames are %s", s)
	}
}

// Who reads too slowly is told how much of the past it has not got.
func TestPastIsBoundedInTime(t *testing.T) {
	b := newBench(t)
	var many []told
	for i := range 3 * frameRecords {
		many = append(many, step(engine.Yields, 1, sec+int64(i), sec+int64(i)+1))
	}
	b.happen(many...)
	p := b.w.newReplay(60)
	p.patience = -time.Second
	n, lost := 0, uint64(0)
	for f := range p.frames {
		n, lost = n+len(f.Rec), lost+f.Lost
	}
	if n != 0 || lost != 3*frameRecords {
		t.Errorf("%d records were told, and %d lost", n, lost)
	}
}

func TestPastIsForgottenWithTheHistory(t *testing.T) {
	h := newHistory(leastHistory)
	for i := range 100_000 {
		h.add(&batch{recs: []record{{at: int64(i)}}})
		if i%100 == 0 {
			h.miss(1, h.added)
		}
	}
	if n := len(h.holes); n == 0 || n > leastHistory/recordBytes/100+2 {
		t.Errorf("%d holes are known", n)
	}
}
