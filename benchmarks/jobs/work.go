package main

import "fmt"

// A question is the input of each job, of about 100 bytes as JSON, and an answer its
// output. The work is nothing, so that what is measured is the way there and back.
type question struct {
	N    int
	Text string
}

type answer struct{ Twice int }

const padding = "some seventy bytes of text, so that the input is as long as small ones are"

func ask(n int) question { return question{n, padding} }

func (q question) answer() answer { return answer{2 * q.N} }

// A tally checks that each job was done once, and rightly.
type tally struct{ n, sum int }

func (t *tally) add(a answer) {
	t.n++
	t.sum += a.Twice
}

func (t *tally) check(jobs int) error {
	if want := jobs * (jobs - 1); t.n != jobs || t.sum != want {
		return fmt.Errorf("%d answers with the sum %d, want %d with %d", t.n, t.sum, jobs, want)
	}
	return nil
}

// questions are what is asked.
func questions(jobs int) func(yield func(question) bool) {
	return func(yield func(question) bool) {
		for n := range jobs {
			if !yield(ask(n)) {
				return
			}
		}
	}
}
