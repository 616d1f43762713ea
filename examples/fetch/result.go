package main

import (
	"errors"
	"fmt"
	"time"
)

// result is what is known about one target.
type result struct {
	Line     int
	URL      string
	Status   int           // of the last attempt; 0: no answer
	Bytes    int64         // of its body, as far as it came
	Time     time.Duration // from the first attempt to the last, pauses included
	Attempts int
	Err      error // nil: fetched
}

// The errors of rows that were cut short. All of them are errCanceled.
var (
	errCanceled   = errors.New("canceled")
	errNotFetched = fmt.Errorf("%w before it began", errCanceled)
)

// cutAfter is the error of a row that was cut short when last was the error of
// its last complete attempt, if there was any.
func cutAfter(last error) error {
	if last == nil {
		return errCanceled
	}
	return fmt.Errorf("%w after: %w", errCanceled, last)
}

// newRows returns a row for each target. Those that can be fetched begin as
// not fetched: a task that is canceled before its first step never runs, so it
// could not say so itself.
func newRows(targets []target) []result {
	rows := make([]result, len(targets))
	for i, t := range targets {
		rows[i] = result{Line: t.line, URL: t.url, Err: t.err}
		if t.err == nil {
			rows[i].Err = errNotFetched
		}
	}
	return rows
}

// fetchable tells whether the row waits to be fetched; a bad line does not.
func (r *result) fetchable() bool { return r.Err == errNotFetched }

func (r *result) ok() bool       { return r.Err == nil }
func (r *result) canceled() bool { return errors.Is(r.Err, errCanceled) }
