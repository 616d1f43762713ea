package asynciotest

import (
	"bytes"
	"compress/flate"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"io"
)

// A schedule is what makes a run what it is: the seed of what the program
// takes from chance, and every choice between tasks.
type schedule struct {
	call    uint64 // which Explore of its test it is, from 0
	seed    seed
	choices []choice
}

// A choice is one pick among tasks that were ready.
type choice struct {
	of, index int
	task      uint64 // the number of the task that was picked
}

const scheduleVersion = 1

// String returns the schedule as a word for a command line.
func (s *schedule) String() string {
	b := binary.AppendUvarint([]byte{scheduleVersion}, s.call)
	b = binary.AppendUvarint(b, s.seed.base)
	b = binary.AppendUvarint(b, s.seed.run)
	for _, c := range s.choices {
		b = binary.AppendUvarint(b, uint64(c.of))
		b = binary.AppendUvarint(b, uint64(c.index))
		b = binary.AppendUvarint(b, c.task)
	}
	var packed bytes.Buffer
	w, _ := flate.NewWriter(&packed, flate.BestCompression) // fails only for an invalid level
	_, _ = w.Write(b)                                       // writing to a Buffer does not fail
	_ = w.Close()
	return base64.RawURLEncoding.EncodeToString(packed.Bytes())
}

var errNoSchedule = errors.New("asynciotest: -asyncio.replay is not what Explore has printed: copy the whole word")

// parseSchedule is the inverse of String.
func parseSchedule(word string) (*schedule, error) {
	packed, err := base64.RawURLEncoding.DecodeString(word)
	if err != nil {
		return nil, errNoSchedule
	}
	b, err := io.ReadAll(flate.NewReader(bytes.NewReader(packed)))
	if err != nil || len(b) == 0 || b[0] != scheduleVersion {
		return nil, errNoSchedule
	}
	r := bytes.NewReader(b[1:])
	numbers := make([]uint64, 0, len(b))
	for r.Len() > 0 {
		n, err := binary.ReadUvarint(r)
		if err != nil {
			return nil, errNoSchedule
		}
		numbers = append(numbers, n)
	}
	return newSchedule(numbers)
}

func newSchedule(numbers []uint64) (*schedule, error) {
	if len(numbers) < 3 || len(numbers)%3 != 0 {
		return nil, errNoSchedule
	}
	s := &schedule{call: numbers[0], seed: seed{numbers[1], numbers[2]}}
	for n := numbers[3:]; len(n) > 0; n = n[3:] {
		c := choice{int(n[0]), int(n[1]), n[2]}
		if c.of < 2 || c.index < 0 || c.index >= c.of {
			return nil, errNoSchedule
		}
		s.choices = append(s.choices, c)
	}
	return s, nil
}
