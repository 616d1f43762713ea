package trace

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"time"
)

// ReadJSON reads a recording that [Recording.WriteJSON] has written. Its errors say what
// is wrong with the file, and what to do: it is not a recording, it was cut off, or it
// has another version. Its memory is in proportion to the size of the recording, and not
// more than a few MiB before it knows that r has a recording. It wraps and returns an
// error of r.
func ReadJSON(r io.Reader) (*Recording, error) {
	limited := &limitedReader{r: bufio.NewReader(r), left: partLimit}
	j := jsonReader{source: limited, decoder: json.NewDecoder(limited)}
	j.decoder.UseNumber()
	recording, err := j.read()
	if err != nil {
		return nil, j.explain(err)
	}
	return recording, nil
}

// How long a value in the head of a recording may be, and one of its blocks: some hundred
// events with the longest texts are less than half of it.
const (
	partLimit  = 16 << 20
	blockLimit = 4 << 20
)

// A limitedReader fails when a part of the file is longer than WriteJSON writes any.
type limitedReader struct {
	r    io.Reader
	left int
}

var errTooLong = errors.New("a part of it is longer than any of a recording")

func (l *limitedReader) Read(p []byte) (int, error) {
	if l.left <= 0 {
		return 0, errTooLong
	}
	n, err := l.r.Read(p[:min(len(p), l.left)])
	l.left -= n
	return n, err
}

// A jsonReader reads a recording part by part.
type jsonReader struct {
	source  *limitedReader
	decoder *json.Decoder
	ours    bool // it begins as a recording does
}

// A wrongError says what a recording cannot have.
type wrongError string

func (e wrongError) Error() string { return string(e) }

func wrong(format string, args ...any) error { return wrongError(fmt.Sprintf(format, args...)) }

type versionError int64

func (e versionError) Error() string {
	return fmt.Sprintf("it has version %d of the format, and this program reads version %d", int64(e), formatVersion)
}

// explain makes an error into a sentence that says what to do.
func (j *jsonReader) explain(err error) error {
	var (
		version versionError
		syntax  *json.SyntaxError
		other   *json.UnmarshalTypeError
		mistake wrongError
	)
	const prefix = "asyncio: trace: "
	advice := "write it again with Recording.WriteJSON or ASYNCIO_TRACE=FILE.json"
	switch {
	case errors.As(err, &version) && version > formatVersion:
		return fmt.Errorf(prefix+"the recording cannot be read, for %w: use a newer release of asyncio", version)
	case errors.As(err, &version):
		return fmt.Errorf(prefix+"the recording cannot be read, for %w: use the release of asyncio that has written it", version)
	case errors.Is(err, io.EOF) && !j.ours:
		return errors.New(prefix + "the file is empty, or ends before it is known to be a recording: " + advice)
	case errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF):
		return errors.New(prefix + "the recording is cut off: the program that wrote it has ended too early, or the disk was full; " + advice)
	case errors.As(err, &syntax) && !j.ours:
		return fmt.Errorf(prefix+"the file is not a recording in JSON (%v): pass one that WriteJSON has written; a Perfetto trace can only be opened at https://ui.perfetto.dev", err)
	case errors.As(err, &syntax), errors.As(err, &other), errors.As(err, &mistake), errors.Is(err, errTooLong):
		if !j.ours {
			return fmt.Errorf(prefix+"the file is JSON, but not a recording (%v): pass one that WriteJSON has written", err)
		}
		return fmt.Errorf(prefix+"the recording is damaged (%v): %s", err, advice)
	default:
		return fmt.Errorf(prefix+"reading the recording: %w", err)
	}
}

// part lets the next part of the file be as long as one may be.
func (j *jsonReader) part() { j.source.left = partLimit }

func (j *jsonReader) more() bool {
	j.part()
	return j.decoder.More()
}

func (j *jsonReader) token() (json.Token, error) {
	j.part()
	return j.decoder.Token()
}

func (j *jsonReader) delim(want json.Delim) error {
	t, err := j.token()
	if err == nil && t != want {
		err = wrong("there is %v where %q is expected", t, want)
	}
	return err
}

func (j *jsonReader) value(v any) error {
	j.part()
	return j.decode(v)
}

func (j *jsonReader) decode(v any) error {
	err := j.decoder.Decode(v)
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

func (j *jsonReader) read() (*Recording, error) {
	if err := j.version(); err != nil {
		return nil, err
	}
	j.ours = true
	r := &Recording{start: time.Unix(0, 0)}
	blocks := false
	for j.more() {
		key, err := j.token()
		if err != nil {
			return nil, err
		}
		if key == "blocks" {
			blocks = true
			err = j.blocks(r)
		} else {
			err = j.field(r, key)
		}
		if err != nil {
			return nil, err
		}
	}
	if err := j.delim('}'); err != nil {
		return nil, err
	}
	if !blocks {
		return nil, wrong("it has no blocks")
	}
	return r, nil
}

// version reads the beginning: {"asyncio": 1.
func (j *jsonReader) version() error {
	if err := j.delim('{'); err != nil {
		return err
	}
	key, err := j.token()
	switch {
	case err != nil:
		return err
	case key != "asyncio":
		return wrong(`it does not begin with "asyncio"`)
	}
	var version int64
	if err := j.value(&version); err != nil {
		return err
	}
	if version != formatVersion {
		return versionError(version)
	}
	return nil
}

// field reads a field of the head. One that is not known is passed over: a later
// release may add some.
func (j *jsonReader) field(r *Recording, key json.Token) error {
	if len(r.blocks) > 0 {
		var ignored json.RawMessage
		return j.value(&ignored)
	}
	switch key {
	case "program":
		return j.value(&r.program)
	case "go":
		return j.value(&r.version)
	case "start":
		var start int64
		err := j.value(&start)
		r.start = time.Unix(0, start)
		return err
	case "length":
		err := j.value((*int64)(&r.length))
		return firstOf(err, checkTime("length", int64(r.length)))
	case "lost":
		return j.value(&r.lost)
	case "loops":
		return j.loops(r)
	case "labels":
		err := j.value(&r.labels)
		if err == nil && len(r.labels) > math.MaxUint8 {
			err = wrong("it has %d labels", len(r.labels))
		}
		return err
	case "places":
		return j.places(r)
	default:
		var ignored json.RawMessage
		return j.value(&ignored)
	}
}

func firstOf(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// checkTime refuses times with which one cannot calculate.
func checkTime(name string, t int64) error {
	if t < 0 || t > math.MaxInt64/4 {
		return wrong("%s is %d", name, t)
	}
	return nil
}

func (j *jsonReader) loops(r *Recording) error {
	var loops []jsonLoop
	if err := j.value(&loops); err != nil {
		return err
	}
	seen := map[int]bool{}
	r.loops = nil
	for _, l := range loops {
		if l.ID < 1 || seen[l.ID] {
			return wrong("it has a loop with the number %d, or two", l.ID)
		}
		seen[l.ID] = true
		if err := firstOf(checkTime("last", l.Last), checkTime("since", l.Since)); err != nil {
			return err
		}
		r.loops = append(r.loops, loopInfo{l.ID, l.Dropped, l.Ended, time.Duration(l.Last), l.Running, time.Duration(l.Since), l.Asleep})
	}
	return nil
}

func (j *jsonReader) places(r *Recording) error {
	var all [][]jsonPos
	if err := j.value(&all); err != nil {
		return err
	}
	var places fromFile
	for _, calls := range all {
		var found []Place
		for _, c := range calls {
			found = append(found, Place(c))
		}
		places = append(places, found)
	}
	r.places = places
	return nil
}

func (j *jsonReader) blocks(r *Recording) error {
	if r.places == nil {
		r.places = fromFile(nil)
	}
	if err := j.delim('['); err != nil {
		return err
	}
	loops := map[int]bool{}
	for _, l := range r.loops {
		loops[l.number] = true
	}
	for j.more() {
		var text jsonBlock
		j.source.left = blockLimit
		if err := j.decode(&text); err != nil {
			return err
		}
		b, err := text.block(r)
		switch {
		case err != nil:
			return err
		case !loops[b.loop]:
			return wrong("a block is of the loop %d, which is not in the list of loops", b.loop)
		}
		r.blocks = append(r.blocks, b)
	}
	return j.delim(']')
}

// block checks a block, so that everything that works on a Recording may rely on it.
func (text *jsonBlock) block(r *Recording) (*block, error) {
	if len(text.Events) == 0 || len(text.Texts) > maxTexts {
		return nil, wrong("a block has %d events and %d texts", len(text.Events), len(text.Texts))
	}
	b := &block{loop: text.Loop, texts: text.Texts, records: make([]record, len(text.Events))}
	for i, e := range text.Events {
		rec := record{
			kind: Kind(e[0]), at: int64(e[1]), from: int64(e[2]), task: e[3], arg: e[4],
			n: uint32(e[5]), label: uint8(e[6]), text: uint16(e[7]),
		}
		if err := e.check(&rec, r, b); err != nil {
			return nil, err
		}
		b.records[i] = rec
	}
	return b, nil
}

func (e jsonEvent) check(r *record, recording *Recording, b *block) error {
	switch {
	case e[0] > math.MaxUint8 || !r.kind.known():
		return wrong("an event is of the kind %d", e[0])
	case e[5] > math.MaxUint32 || e[6] > uint64(len(recording.labels)) || e[7] > uint64(len(b.texts)):
		return wrong("an event has the number %d, the label %d, the text %d", e[5], e[6], e[7])
	case r.kind == site:
		return nil
	}
	err := checkTime("the time of an event", r.at)
	if r.kind.lasts() {
		err = firstOf(err, checkTime("the beginning of an event", r.from))
		if err == nil && r.from > r.at {
			err = wrong("an event ends at %d, before it begins at %d", r.at, r.from)
		}
	}
	return err
}

// UnmarshalJSON reads one to eight whole numbers; those that are left out are zero.
func (e *jsonEvent) UnmarshalJSON(text []byte) error {
	if len(text) < 2 || text[0] != '[' {
		return wrong("an event is %.40q", text)
	}
	*e = jsonEvent{}
	rest, n := text[1:len(text)-1], 0
	for len(rest) > 0 {
		if n == len(e) {
			return wrong("an event has more than %d numbers", len(e))
		}
		end := 0
		for end < len(rest) && rest[end] != ',' {
			end++
		}
		v, err := strconv.ParseInt(string(bytes.TrimSpace(rest[:end])), 10, 64)
		if err != nil {
			return wrong("an event has %.40q for a number", rest[:end])
		}
		e[n] = uint64(v)
		n++
		rest = rest[min(end+1, len(rest)):]
	}
	return nil
}
