package explore

import (
	"bytes"
	"compress/flate"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"io"
)

// A Schedule determines a run: it has the seed of the random numbers that the program
// uses, and every choice between tasks.
type Schedule struct {
	Call    uint64 // which exploration of its test it is of, from 0
	Seed    Seed
	choices []choice
}

// A choice is one pick among tasks that were ready.
type choice struct {
	of, index int
	task      uint64 // the number of the task that was picked
}

const scheduleVersion = 1

// String returns the schedule as a word for a command line.
func (s *Schedule) String() string {
	b := binary.AppendUvarint([]byte{scheduleVersion}, s.Call)
	b = binary.AppendUvarint(b, s.Seed.Base)
	b = binary.AppendUvarint(b, s.Seed.Run)
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

// ErrNoSchedule is what ParseSchedule returns for any other word.
var ErrNoSchedule = errors.New("asyncio: this is not a schedule that was printed: copy the whole word")

// ParseSchedule is the inverse of String.
func ParseSchedule(word string) (*Schedule, error) {
	packed, err := base64.RawURLEncoding.DecodeString(word)
	if err != nil {
		return nil, ErrNoSchedule
	}
	b, err := io.ReadAll(flate.NewReader(bytes.NewReader(packed)))
	if err != nil || len(b) == 0 || b[0] != scheduleVersion {
		return nil, ErrNoSchedule
	}
	r := bytes.NewReader(b[1:])
	numbers := make([]uint64, 0, len(b))
	for r.Len() > 0 {
		n, err := binary.ReadUvarint(r)
		if err != nil {
			return nil, ErrNoSchedule
		}
		numbers = append(numbers, n)
	}
	return newSchedule(numbers)
}

func newSchedule(numbers []uint64) (*Schedule, error) {
	if len(numbers) < 3 || len(numbers)%3 != 0 {
		return nil, ErrNoSchedule
	}
	s := &Schedule{Call: numbers[0], Seed: Seed{numbers[1], numbers[2]}}
	for n := numbers[3:]; len(n) > 0; n = n[3:] {
		c := choice{int(n[0]), int(n[1]), n[2]}
		if c.of < 2 || c.index < 0 || c.index >= c.of {
			return nil, ErrNoSchedule
		}
		s.choices = append(s.choices, c)
	}
	return s, nil
}
