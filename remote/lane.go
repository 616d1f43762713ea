package remote

import (
	"strconv"

	"github.com/asyncio-go/asyncio/internal/engine"
)

// labelRemote is the kind of the rows, in recordings, in the console, and in its figures.
var labelRemote = engine.NewLabel("remote")

// lanes tells those who watch the loop what workers do for its tasks: each worker that
// runs jobs has a row, and one that runs several at once has a row for each. While no one
// watches, it costs a look. For the loop only.
type lanes struct {
	loop  *engine.Loop
	jobs  map[string]lane // those that run, as far as it was heard, by id
	taken map[string]bool // the names of the rows that are busy
}

// A lane is a row that is busy with a job.
type lane struct {
	row     engine.Row
	attempt int
}

// A laneJob is what a row says about a job.
type laneJob struct {
	id       string
	function string // with its version
	task     uint64 // that has submitted it, or 0
}

// began notes that a worker has begun a job. If another attempt of it had a row, that is
// over: the worker has died, or has lost the job.
func (l *lanes) began(j laneJob, worker string, attempt int) {
	old, runs := l.jobs[j.id]
	if runs && attempt <= old.attempt {
		return // it is told again, or late
	}
	if runs {
		l.end(j.id, ErrLeaseLost)
	}
	if !l.loop.Heard() {
		return
	}
	row := engine.Row{Label: labelRemote, Name: l.free(worker), What: j.function, ID: j.id, Task: j.task}
	if l.jobs == nil {
		l.jobs, l.taken = map[string]lane{}, map[string]bool{}
	}
	l.jobs[j.id], l.taken[row.Name] = lane{row, attempt}, true
	l.loop.TellRow(engine.Began, row, nil)
}

// free returns the name of a row of a worker that is not busy: the worker's own, or with a
// number. A name that is never used elsewhere would do; this one is short.
func (l *lanes) free(worker string) string {
	name := worker
	for n := 2; l.taken[name]; n++ {
		name = worker + " #" + strconv.Itoa(n)
	}
	return name
}

// left notes that an attempt is over, and the job is not: it was given back.
func (l *lanes) left(id string, attempt int) {
	if now, runs := l.jobs[id]; runs && attempt >= now.attempt {
		l.end(id, nil)
	}
}

// ended notes that a job has ended, with err or without, and which worker has run it; "":
// none, or that is not known. A job that was not heard to begin has begun and ended now: so
// it is counted, and seen.
func (l *lanes) ended(j laneJob, worker string, attempt int, err error) {
	if _, runs := l.jobs[j.id]; !runs && worker != "" {
		l.began(j, worker, attempt)
	}
	l.end(j.id, err)
}

// end ends the row of a job, if it has one.
func (l *lanes) end(id string, err error) {
	now, runs := l.jobs[id]
	if !runs {
		return
	}
	delete(l.jobs, id)
	delete(l.taken, now.row.Name)
	l.loop.TellRow(engine.Finished, now.row, err)
}
