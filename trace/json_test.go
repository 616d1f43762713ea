package trace_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/asynctest"
	"github.com/asyncio-go/asyncio/trace"
)

func read(t *testing.T, text string) *trace.Recording {
	t.Helper()
	r, err := trace.ReadJSON(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// expectSame compares all that can be seen of two recordings.
func expectSame(t *testing.T, a, b *trace.Recording) {
	t.Helper()
	if x, y := slices.Collect(a.Events()), slices.Collect(b.Events()); !reflect.DeepEqual(x, y) {
		t.Errorf("the events are\n%v\nand\n%v", x, y)
	}
	if drawing(t, a, 90) != drawing(t, b, 90) {
		t.Error("the drawings are different")
	}
	if !a.Start().Equal(b.Start()) || a.Length() != b.Length() || a.Dropped() != b.Dropped() || !slices.Equal(a.Loops(), b.Loops()) {
		t.Error("start, length, loops or what was dropped is different")
	}
	if x, y := jsonOf(t, a), jsonOf(t, b); x != y {
		t.Errorf("the JSON is\n%s\nand\n%s", x, y)
	}
}

func TestWhatIsReadIsWhatWasWritten(t *testing.T) {
	loops := trace.New()
	asynctest.ExpectNil(t, asyncio.RunGroup(t.Context(), 2, func(ctx context.Context, g *asyncio.LoopGroup) error {
		return g.Each(ctx, func(ctx context.Context) error {
			_, err := asyncio.ToThread(ctx, func(context.Context) (int, error) { return 0, nil })
			return err
		})
	}, loops.Observe()))
	for name, r := range map[string]*trace.Recording{
		"story":   recorded(t, story),
		"dropped": recorded(t, several(20, 400), trace.Size(50_000)),
		"loops":   loops.Recording(),
		"empty":   trace.New().Recording(),
		"names":   recorded(t, func(ctx context.Context) { asyncio.Go(ctx, asyncio.Yield, asyncio.Name("\x00\xff\n\"ご飯\u2028")) }),
	} {
		t.Run(name, func(t *testing.T) {
			text := jsonOf(t, r)
			if !json.Valid([]byte(text)) {
				t.Error("what is written is no JSON")
			}
			if name == "names" {
				return // JSON has no bytes that are not UTF-8
			}
			expectSame(t, r, read(t, text))
		})
	}
}

// The file was written by the first release that has the format. It is read for ever.
func TestRecordingsOfVersionOneAreRead(t *testing.T) {
	text, err := os.ReadFile("testdata/version1.json")
	if err != nil {
		t.Fatal(err)
	}
	r := read(t, string(text))
	golden(t, "version1.events", sentences(r))
	golden(t, "version1.timeline", drawing(t, r, 70))
	asynctest.ExpectEqual(t, "what is written", jsonOf(t, r), string(text))
}

// Whoever has formatted a recording anew has not damaged it; fields of later releases are
// passed over.
func TestOtherLayoutsAreRead(t *testing.T) {
	r := recorded(t, story)
	var indented bytes.Buffer
	asynctest.ExpectNil(t, json.Indent(&indented, []byte(jsonOf(t, r)), "\t", "  "))
	expectSame(t, r, read(t, indented.String()))
	more := strings.Replace(jsonOf(t, r), `{"asyncio":1,`, `{"asyncio":1,"new":{"a":[1,2,{}]},`, 1)
	expectSame(t, r, read(t, strings.TrimSuffix(more, "}\n")+`,"newer":null}`))
}

func TestBadRecordingsAreRefusedWithAdvice(t *testing.T) {
	good := jsonOf(t, recorded(t, story))
	head, _, _ := strings.Cut(good, `"blocks"`)
	for name, c := range map[string]struct{ text, want string }{
		"nothing":          {"", "empty"},
		"not JSON":         {"\x0a\x10perfetto", "not a recording in JSON"},
		"an array":         {"[1]", "not a recording"},
		"another object":   {`{"version":1}`, "not a recording"},
		"a later version":  {strings.Replace(good, `"asyncio":1`, `"asyncio":2`, 1), "use a newer release"},
		"version 0":        {`{"asyncio":0}`, "use the release of asyncio that has written it"},
		"no number":        {`{"asyncio":"one"}`, "not a recording"},
		"cut in the head":  {good[:100], "cut off"},
		"cut in a block":   {good[:len(good)-100], "cut off"},
		"cut at the end":   {strings.TrimSuffix(good, "}\n"), "cut off"},
		"no blocks":        {head + `"x":1}`, "it has no blocks"},
		"an unknown kind":  {head + `"blocks":[{"loop":1,"events":[[99]]}]}`, "kind 99"},
		"an unknown loop":  {head + `"blocks":[{"loop":7,"events":[[1]]}]}`, "loop 7"},
		"an unknown text":  {head + `"blocks":[{"loop":1,"events":[[1,0,0,1,0,0,0,1]]}]}`, "the text 1"},
		"an unknown label": {head + `"blocks":[{"loop":1,"events":[[9,0,0,1,0,0,200]]}]}`, "the label 200"},
		"negative time":    {head + `"blocks":[{"loop":1,"events":[[1,-5,0,1]]}]}`, "-5"},
		"backwards":        {head + `"blocks":[{"loop":1,"events":[[5,5,9,1]]}]}`, "before it begins"},
		"no events":        {head + `"blocks":[{"loop":1}]}`, "0 events"},
		"fractions":        {head + `"blocks":[{"loop":1,"events":[[1.5]]}]}`, "1.5"},
		"too many numbers": {head + `"blocks":[{"loop":1,"events":[[1,2,3,4,5,6,7,8,9]]}]}`, "more than 8"},
	} {
		t.Run(name, func(t *testing.T) {
			r, err := trace.ReadJSON(strings.NewReader(c.text))
			if r != nil || err == nil || !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), "asyncio: trace: ") {
				t.Errorf("error %v, want one with %q", err, c.want)
			}
		})
	}
}

// endless repeats a text for ever, and counts what was read of it.
type endless struct {
	head, text string
	n          int
}

func (e *endless) Read(p []byte) (int, error) {
	for i := range p {
		if e.n < len(e.head) {
			p[i] = e.head[e.n]
		} else {
			p[i] = e.text[(e.n-len(e.head))%len(e.text)]
		}
		e.n++
	}
	return len(p), nil
}

func TestReadingStopsAtWhatCannotBeARecording(t *testing.T) {
	for _, e := range []*endless{
		{text: " "},
		{text: "["},
		{head: `{"asyncio":1,"x":`, text: "["},
		{head: `{"asyncio":1,"program":"`, text: "a"},
		{head: `{"asyncio":1,"blocks":[{"loop":1,"texts":[`, text: `"a",`},
	} {
		if _, err := trace.ReadJSON(e); err == nil {
			t.Errorf("%q for ever is read without an error", e.head+e.text)
		}
		if e.n > 64<<20 {
			t.Errorf("%d bytes of %q were read", e.n, e.head+e.text)
		}
	}
}

type failing struct{ after int }

func (f *failing) Write(p []byte) (int, error) {
	if f.after -= len(p); f.after < 0 {
		return 0, errBroken
	}
	return len(p), nil
}

func (f *failing) Read(p []byte) (int, error) { return 0, errBroken }

func TestErrorsOfReadersAndWritersAreReturned(t *testing.T) {
	r := recorded(t, several(100, 10))
	for _, after := range []int{0, 10_000} {
		asynctest.ExpectIs(t, r.WriteJSON(&failing{after}), errBroken)
		asynctest.ExpectIs(t, r.WritePerfetto(&failing{after}), errBroken)
	}
	asynctest.ExpectIs(t, r.Timeline(&failing{}, 80), errBroken)
	_, err := trace.ReadJSON(io.MultiReader(strings.NewReader(`{"asyncio":1,`), &failing{}))
	asynctest.ExpectIs(t, err, errBroken)
	if errors.Is(err, io.EOF) {
		t.Error("it is said to be cut off")
	}
}

// Whatever is read, reading does not panic, and what was read can be used and is read
// again.
func FuzzReadJSON(f *testing.F) {
	text, err := os.ReadFile("testdata/version1.json")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	f.Add([]byte(`{"asyncio":1,"loops":[{"id":1,"running":7}],"labels":["sleep","task"],"blocks":[{"loop":1,"texts":["a"],"events":[[6,5,0,1,2,0,2],[9,1,0,1,1,0,2],[21,0,0,0,0,0,1,1],[7,9,9,1],[8,9,9,1],[10,1,0,1]]}]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		r, err := trace.ReadJSON(bytes.NewReader(text))
		if err != nil {
			return
		}
		for e := range r.Events() {
			_ = e.String()
		}
		var written bytes.Buffer
		if err := errors.Join(r.WriteJSON(&written), r.WritePerfetto(io.Discard), r.Timeline(io.Discard, 60)); err != nil {
			t.Fatal(err)
		}
		again, err := trace.ReadJSON(bytes.NewReader(written.Bytes()))
		if err != nil {
			t.Fatalf("what was written is not read: %v\n%s", err, written.String())
		}
		expectSame(t, r, again)
	})
}
