package trace

import (
	"bufio"
	"encoding/json"
	"io"
	"strconv"
)

// formatVersion is the version of the JSON that WriteJSON writes. docs/design/trace.md
// describes it.
const formatVersion = 1

// WriteJSON writes the whole recording as JSON; [ReadJSON] reads it and returns an equal
// recording. docs/design/trace.md describes the format, for other programs that read it.
// WriteJSON returns w's error.
func (r *Recording) WriteJSON(w io.Writer) error {
	j := jsonWriter{out: bufio.NewWriter(w), recording: r, labels: map[uint8]int{}, places: map[uint64]int{}}
	j.number()
	j.write()
	return j.out.Flush()
}

// jsonHead is what comes before the blocks.
type jsonHead struct {
	Version int         `json:"asyncio"`
	Program string      `json:"program"`
	Go      string      `json:"go"`
	Start   int64       `json:"start"`  // Unix nanoseconds
	Length  int64       `json:"length"` // nanoseconds, as all times below
	Lost    uint64      `json:"lost"`
	Loops   []jsonLoop  `json:"loops"`
	Labels  []string    `json:"labels"`
	Places  [][]jsonPos `json:"places"`
}

type jsonLoop struct {
	ID      int    `json:"id"`
	Dropped uint64 `json:"dropped"`
	Ended   bool   `json:"ended"`
	Last    int64  `json:"last"`
	Running uint64 `json:"running"`
	Since   int64  `json:"since"`
	Asleep  bool   `json:"asleep,omitempty"`
}

type jsonPos struct {
	Function string `json:"function"`
	File     string `json:"file"`
	Line     int    `json:"line"`
}

// A jsonBlock is what is in the array "blocks".
type jsonBlock struct {
	Loop   int         `json:"loop"`
	Texts  []string    `json:"texts"`
	Events []jsonEvent `json:"events"`
}

// A jsonEvent is kind, at, from, task, arg, n, label, text. At, from and arg have 64 bits.
type jsonEvent [8]uint64

// A jsonWriter writes labels and places as numbers. It numbers them itself, in the order
// in which they are used, because the numbers inside the process mean nothing outside of
// it.
type jsonWriter struct {
	out       *bufio.Writer
	recording *Recording
	labels    map[uint8]int
	words     []string
	places    map[uint64]int
	calls     [][]jsonPos
}

// number gives all labels and places their numbers.
func (j *jsonWriter) number() {
	for _, b := range j.recording.blocks {
		for i := range b.records {
			j.record(&b.records[i])
		}
	}
}

// label returns the number of a label.
func (j *jsonWriter) label(label uint8) int {
	n, ok := j.labels[label]
	if !ok && label != 0 {
		d := decoder{recording: j.recording}
		j.words = append(j.words, d.label(label))
		n = len(j.words)
		j.labels[label] = n
	}
	return n
}

// place returns the number of a place; 0 if nothing is known of it.
func (j *jsonWriter) place(number uint64) uint64 {
	n, ok := j.places[number]
	if ok || number == 0 {
		return uint64(n)
	}
	var calls []jsonPos
	for _, p := range j.recording.places.of(number) {
		calls = append(calls, jsonPos(p))
	}
	if calls != nil {
		j.calls = append(j.calls, calls)
		n = len(j.calls)
	}
	j.places[number] = n
	return uint64(n)
}

// record returns a record as it is written.
func (j *jsonWriter) record(r *record) jsonEvent {
	e := jsonEvent{
		uint64(r.kind), uint64(r.at), uint64(r.from), r.task, r.arg, uint64(r.n), uint64(j.label(r.label)), uint64(r.text),
	}
	switch r.kind {
	case site:
		for i, number := range e[1:5] {
			e[i+1] = j.place(number)
		}
	case Called:
		e[4] = j.place(r.arg)
	case Waits, Woken:
		if d := (decoder{recording: j.recording}); d.label(r.label) == labelCallback {
			e[4] = j.place(r.arg)
		}
	case Present:
		if d := (decoder{recording: j.recording}); d.label(r.label) == labelCallback {
			e[2] = j.place(uint64(r.from))
		}
	}
	return e
}

func (j *jsonWriter) write() {
	r := j.recording
	head := jsonHead{
		Version: formatVersion, Program: r.program, Go: r.version, Start: r.start.UnixNano(), Length: int64(r.length), Lost: r.lost,
		Loops: []jsonLoop{}, Labels: append([]string{}, j.words...), Places: append([][]jsonPos{}, j.calls...),
	}
	for _, l := range r.loops {
		head.Loops = append(head.Loops, jsonLoop{l.number, l.dropped, l.ended, int64(l.last), l.running, int64(l.since), l.asleep})
	}
	text := j.marshal(head)
	_, _ = j.out.Write(text[:len(text)-1]) // Flush returns the error, here and below
	_, _ = j.out.WriteString(",\n\"blocks\":[")
	for i, b := range r.blocks {
		if i > 0 {
			_ = j.out.WriteByte(',')
		}
		j.block(b)
	}
	_, _ = j.out.WriteString("\n]}\n")
}

// block writes a block, of some hundred events, as a line.
func (j *jsonWriter) block(b *block) {
	_, _ = j.out.WriteString("\n{\"loop\":" + strconv.Itoa(b.loop) + ",\"texts\":")
	_, _ = j.out.Write(j.marshal(append([]string{}, b.texts...)))
	_, _ = j.out.WriteString(",\"events\":[")
	var line []byte
	for i := range b.records {
		line = line[:0]
		if i > 0 {
			line = append(line, ',')
		}
		_, _ = j.out.Write(j.record(&b.records[i]).append(line))
	}
	_, _ = j.out.WriteString("]}")
}

// append writes an event without the zeros at its end. Times and numbers are signed.
func (e jsonEvent) append(line []byte) []byte {
	last := len(e)
	for last > 1 && e[last-1] == 0 {
		last--
	}
	line = append(line, '[')
	for i, v := range e[:last] {
		if i > 0 {
			line = append(line, ',')
		}
		line = strconv.AppendInt(line, int64(v), 10)
	}
	return append(line, ']')
}

// marshal returns the JSON of what always has one.
func (j *jsonWriter) marshal(v any) []byte {
	text, err := json.Marshal(v)
	if err != nil {
		panic("asyncio: internal error: " + err.Error())
	}
	return text
}
