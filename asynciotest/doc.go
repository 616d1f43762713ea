// Package asynciotest tests programs that use package asyncio.
//
// [Run] runs a function on a loop whose clock jumps: when all tasks wait, it is
// at once the time of the next deadline, so that an hour's timeout takes no
// time, and every run is like the other. The test fails when a task is left
// waiting, when an error was never looked at, and when nothing can ever go on:
// a deadlock is reported at once, with every task, what it waits for, since
// when, and its stack.
//
//	func TestRetry(t *testing.T) {
//		asynciotest.Run(t, func(ctx context.Context) {
//			if err := retry(ctx, 5, time.Minute); err != nil {
//				t.Error(err)
//			}
//		})
//	}
//
// [Explore] runs a function again and again, in many orders of the tasks that
// are ready. When the test fails in one of them, it prints the line that
// replays exactly that order, and the timeline that led to the failure:
//
//	go test -run '^TestTransfer$' -asyncio.replay=AQMCAgE
//
// For that, a program has to take its chances from [Rand], and must not depend
// on the order of maps, on select with several ready channels, on other
// goroutines or on the real clock. A replay that goes another way than the
// recording says where.
//
// # What the clock knows
//
// The functions of ToThread and RunInExecutor take no time by the clock of the
// loop: while one runs, the clock does not jump. If nothing comes from them for
// a while, a second of real time (see [Patience]), they probably wait for the
// loop, and the clock jumps to the next deadline all the same; it is patient
// again when something has come. Other goroutines of the program are unknown to
// it. Announce them with [Outside].
//
// A task in asyncio.Receive or Send waits for whoever is at the other end of the
// channel. That may be another task of the loop: what one sends arrives in the next
// pass, and the clock does not jump before. It may be another goroutine: it is
// unknown to the clock like the rest of them, and if it has not been announced the
// clock jumps, or a deadlock is reported that names the channel's task.
//
// A context of the standard library that is canceled by a task, or by what the
// loop calls, ends the waits on it in the next pass; where many are waited on, some
// passes later, but before the clock moves. One with a deadline goes by the real
// clock: its Done and Err know nothing of the loop's. But a wait on it ends at that
// deadline by the loop's clock, with an error that is context.DeadlineExceeded, if the
// timeout is in whole milliseconds, or if the clock stands still between the making of
// the context and the wait. Otherwise it is not known when that is, and the test
// fails. asyncio.WithTimeout goes by the loop's clock in any case. context.WithDeadline
// takes times of the real clock: one of the loop's, which begins in the year 2000, has
// passed for it; asyncio.WithTimeoutAt takes that.
//
// # In a test
//
// The functions take a testing.TB and may be used in subtests, in parallel
// ones, and in benchmarks, around b.Loop or inside it. The context is derived
// from t.Context. FailNow, Fatal and SkipNow may be called in any task, and end
// the test.
package asynciotest
