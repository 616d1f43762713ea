// Package remote runs functions on other machines: a future is a future, wherever the
// function runs.
//
// What is promised:
//
//   - At least once. A job that Submit has returned is run, whatever dies: the client, a
//     worker, the server. If a worker dies, or does not answer for the time of its lease
//     (10 s), another one runs the job.
//   - Two runs of one job are possible, also at the same time: a worker that was only slow,
//     or cut off, may still be at it. So side effects need an idempotence key, and the id of
//     the job is one (JobOf). NotIdempotent makes a second run rare, and not impossible.
//   - The result is set once. The first one counts, whoever made it, and every client that
//     asks gets the same.
//   - If the process of the server is killed, nothing is lost. If its machine crashes or
//     loses power, what it has stored since it last synced its files may be lost: the nats
//     server does that every two minutes by default (sync_interval; with sync: always it
//     does so before each confirmation, which is slower). Then a job can be gone (its client
//     gets ErrLost), run again though it has ended, or lose its result. A cluster of three
//     (Replicas) does not depend on one machine.
//
// Both sides define the function, best in a package that both import:
//
//	var Resize = remote.Define("resize", func(ctx context.Context, p Picture) (Thumbnail, error) {
//		return p.Resize(ctx)
//	}, remote.Retries(2), remote.Timeout(time.Minute))
//
// A worker serves it, until SIGTERM:
//
//	nc, err := remote.Dial(ctx, "")
//	...
//	err = remote.Serve(ctx, nc, []remote.Registered{Resize})
//
// A client submits jobs in a task of its loop, and awaits them, as it awaits tasks:
//
//	x, err := remote.Connect(ctx, "")
//	...
//	job, err := Resize.Submit(ctx, x, picture)
//	...
//	thumbnail, err := job.Await(ctx)
//
// or all at once, in order, with the window's bound on what is under way:
//
//	for thumbnail, err := range Resize.Map(ctx, x, slices.Values(pictures)) {
//		...
//	}
//
// # The server
//
// Between them is a NATS server with JetStream: one process, a cluster, or, with
// embedded.Start of package remote/embedded, a part of the client. Clients and workers
// connect to it; they never connect to each other. docs/design/remote.md says which streams
// and subjects are used, and why.
//
// # Cancellation
//
// Awaiting a job and being canceled cancels the job first, as with a task, and waits for its
// end: Job.Cancel says how long that takes. The deadline of Submit's context travels with the
// job, as the time that is left, because clocks differ.
//
// A job that waits for other jobs keeps its slot meanwhile. If all slots are taken by such
// jobs, those that they wait for cannot begin: serve the two kinds with workers of their
// own.
//
// # Errors
//
// An error of the function is a *RemoteError, in which errors.Is finds what RegisterError has
// given a name. ErrWorkerDied, ErrExpired, ErrLost and ErrClosed are outcomes of a job without
// one. An error of a job at which nobody looks is reported, as that of a future is.
//
// # From Python
//
//	Python                                     here
//	concurrent.futures.Executor.submit         Func.Submit, which suspends while the window is full
//	concurrent.futures.Executor.map            Func.Map, which goes on after an error
//	concurrent.futures.Future                  Job
//	Future.cancel                              Job.Cancel, which also cancels what runs
//	Executor.shutdown                          Executor.Close
//	distributed.Client (Dask)                  Connect, Executor
//	Client.submit(fn, x, key=...)              Func.Submit with ID
//	Future(key) (Dask)                         Func.Attach
//	app.task (Celery)                          Define
//	celery worker                              Serve, and the command asyncio worker
//	self.update_state(...) (Celery)            Progress
package remote
