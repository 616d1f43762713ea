package remote

import (
	"cmp"
	"encoding/json"
	"os"
	"slices"
	"time"

	"github.com/nats-io/nats.go"
)

// answer answers those who ask what the workers do.
func (w *worker) answer(m *nats.Msg) {
	if m.Reply == "" {
		return
	}
	data, err := json.Marshal(w.announcement())
	if err == nil {
		err = m.Respond(data)
	}
	_ = err // who asked will ask again
}

func (w *worker) announcement() Announcement {
	host, _ := os.Hostname() // an empty name says that there is none
	a := Announcement{
		Worker: w.cfg.worker, Host: host, PID: os.Getpid(), Parallel: w.cfg.parallel, Since: w.since,
		Running: []Running{},
	}
	for _, s := range w.served {
		a.Functions = append(a.Functions, s.title())
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	a.Draining, a.Done = w.draining, w.done
	for d := range w.jobs {
		if d.runs {
			a.Running = append(a.Running, Running{
				Client: d.key.client, ID: d.key.id, Function: d.fn.title(), Attempt: d.attempt,
				For: time.Since(d.began), Lost: !d.lease.held(),
			})
		}
	}
	slices.SortFunc(a.Running, func(a, b Running) int { return cmp.Compare(b.For, a.For) })
	return a
}
