package main

import (
	"context"
	"encoding/json"
	"fmt"
	"runtime"
	"sync"
	"time"

	"github.com/hibiken/asynq"
)

const kind = "answer"

func workAsynq(o order) error {
	parallel := o.Parallel
	if parallel == 0 {
		parallel = runtime.GOMAXPROCS(0)
	}
	s := asynq.NewServer(asynq.RedisClientOpt{Addr: o.URL}, asynq.Config{Concurrency: parallel, LogLevel: asynq.FatalLevel})
	mux := asynq.NewServeMux()
	mux.HandleFunc(kind, func(_ context.Context, t *asynq.Task) error {
		var q question
		if err := json.Unmarshal(t.Payload(), &q); err != nil {
			return err
		}
		body, err := json.Marshal(q.answer())
		if err != nil {
			return err
		}
		_, err = t.ResultWriter().Write(body)
		return err
	})
	if err := s.Start(mux); err != nil {
		return err
	}
	ready("ready")
	s.Shutdown()
	return nil
}

// enqueuers is how many goroutines hand over jobs: Enqueue waits for the server.
const enqueuers = 32

// runAsynq hands over all jobs, and waits until they are done. asynq has no way to wait for
// a result, so it asks how many have ended. Their results are kept for an hour, as those of
// package remote, but are not read.
func runAsynq(o order) error {
	redis := asynq.RedisClientOpt{Addr: o.URL}
	c := asynq.NewClient(redis)
	defer c.Close()
	start := time.Now()
	if err := enqueueAll(c, o.Jobs); err != nil {
		return err
	}
	inspector := asynq.NewInspector(redis)
	defer inspector.Close()
	for {
		q, err := inspector.GetQueueInfo("default")
		switch {
		case err != nil:
			return err
		case q.Failed > 0:
			return fmt.Errorf("%d jobs have failed", q.Failed)
		case q.Completed == o.Jobs:
			return report(result{Jobs: o.Jobs, Seconds: seconds(start)})
		}
		time.Sleep(20 * time.Millisecond)
	}
}

func enqueueAll(c *asynq.Client, jobs int) error {
	all := make(chan question)
	var workers sync.WaitGroup
	errs := make(chan error, enqueuers)
	for range enqueuers {
		workers.Go(func() {
			for q := range all {
				if err := enqueue(c, q); err != nil {
					errs <- err
					for range all { // let the others end
					}
				}
			}
		})
	}
	for q := range questions(jobs) {
		all <- q
	}
	close(all)
	workers.Wait()
	close(errs)
	return <-errs
}

func enqueue(c *asynq.Client, q question) error {
	body, err := json.Marshal(q)
	if err != nil {
		return err
	}
	_, err = c.Enqueue(asynq.NewTask(kind, body), asynq.Retention(time.Hour), asynq.MaxRetry(0))
	return err
}
