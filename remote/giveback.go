package remote

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// refusedPause keeps a job away from the worker that gives it back and is about to end.
const refusedPause = time.Second

// leavesWith gives the job back. No result says that the attempt is over, so it tells that.
func (d *delivery) leavesWith(add note, delay time.Duration) ending {
	d.tellIfAsked(event{Left: true})
	return func() { d.giveBack(add, delay) }
}

// leaveRefused gives a job back whose end the server has refused for good. It is no death,
// but where a function must not be run twice knowingly, another worker has to see one.
func (d *delivery) leaveRefused() {
	d.worker.mu.Lock()
	began := !d.began.IsZero()
	d.worker.mu.Unlock()
	switch {
	case !d.refused:
	case !began:
		d.giveBack(note{Returned: 1, Unbegun: 1}, refusedPause)
	case d.fn.notesBegin():
		d.sendBack(refusedPause)
	default:
		d.tellIfAsked(event{Left: true})
		d.giveBack(note{Returned: 1}, refusedPause)
	}
}

// giveBack lets the job be run again, here or elsewhere. The note comes first: a worker
// that dies in between has given the job back, and not died of it.
func (d *delivery) giveBack(add note, delay time.Duration) {
	d.refused = false // that was about something else
	if d.noted && add.Unbegun > 0 {
		add.Began = -1
	}
	if d.insist(func(ctx context.Context) error { return d.addNote(ctx, add) }) {
		d.sendBack(delay)
	}
}

// sendBack lets the server deliver the job again.
func (d *delivery) sendBack(delay time.Duration) {
	nak := "-NAK"
	if delay > 0 {
		nak = fmt.Sprintf(`-NAK {"delay": %d}`, delay.Nanoseconds())
	}
	_ = d.lease.send([]byte(nak)) // without a connection, the lease runs out
}

// giveBackUnbegun gives back a job for which there is no slot. It blocks.
func (w *worker) giveBackUnbegun(fn *served, m *nats.Msg, asked time.Time) {
	d := w.newDelivery(fn, m, asked)
	if d == nil {
		w.drop(m)
		return
	}
	defer d.lease.giveUp()
	if d.delivered > 1 && !d.insist(d.readNote) {
		return
	}
	d.giveBack(note{Returned: 1, Unbegun: 1}, 0)
}

// readNote reads what was noted about earlier deliveries.
func (d *delivery) readNote(ctx context.Context) error {
	m, err := lastOf(ctx, d.worker.streams.notes, d.worker.cfg.note(d.key))
	if err != nil {
		return err
	}
	d.note, d.noteAt = note{Seq: d.seq}, 0
	if m == nil {
		return nil
	}
	d.noteAt = m.Sequence
	var n note
	if json.Unmarshal(m.Data, &n) == nil && n.Seq == d.seq { // otherwise it is about an earlier job
		d.note = n
	}
	return nil
}

// addNote adds to the note that was read last. If there is another one by now, it reads that,
// and fails: the caller tries again, if the lease is still held. So a note that comes late
// from a worker which has lost its lease replaces none.
func (d *delivery) addNote(ctx context.Context, add note) error {
	n := d.note
	n.Returned += add.Returned
	n.Failed += add.Failed
	n.Unbegun += add.Unbegun
	n.Began += add.Began
	n.By = d.delivered
	body, err := json.Marshal(n)
	if err != nil {
		panic(err) // it is made of numbers
	}
	ack, err := d.worker.js.Publish(ctx, d.worker.cfg.note(d.key), body, jetstream.WithExpectLastSequencePerSubject(d.noteAt))
	if err == nil {
		d.note, d.noteAt = n, ack.Sequence
		return nil
	}
	if !wasThere(err) {
		return err
	}
	if err := d.readNote(ctx); err != nil {
		return err
	}
	if d.noteAt > 0 && d.note == n {
		return nil // it is our own, whose confirmation has not come
	}
	return err
}
