package remote

import (
	"context"
	"time"
)

// A JobInfo says which job runs. See JobOf.
type JobInfo struct {
	Client, ID, Func, Version, Worker string
	Attempt                           int       // the first is 1
	Submitted                         time.Time // by the server's clock
}

// jobOf is the key of contexts under which a function finds its job.
type jobOf struct{}

// JobOf returns the job whose function runs in a context: which client has submitted it,
// under which id, and which attempt this is. Client and ID together are a key for side
// effects that must happen once, since a job may be run twice. ok is false outside a job.
// Any goroutine may call it; it does not suspend. In Python: the request of a bound task
// of Celery, and get_worker of Dask.
func JobOf(ctx context.Context) (info JobInfo, ok bool) {
	if d := jobIn(ctx); d != nil {
		return d.info(), true
	}
	return JobInfo{}, false
}

func jobIn(ctx context.Context) *delivery {
	if ctx == nil {
		panic("remote: nil context: pass the context that the function was given")
	}
	d, _ := ctx.Value(jobOf{}).(*delivery)
	return d
}

func (d *delivery) info() JobInfo {
	return JobInfo{
		Client: d.key.client, ID: d.key.id, Func: d.fn.name, Version: d.fn.version, Worker: d.worker.cfg.worker,
		Attempt: d.attempt, Submitted: d.submitted,
	}
}
