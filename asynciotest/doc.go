// Package asynciotest tests programs that use package asyncio.
//
// [Run] runs a function on a loop with a virtual clock: when all tasks wait, the clock
// jumps to the next deadline. So a timeout of an hour takes no time, and every run is the
// same. The test fails when a task is left waiting, when an error was never looked at,
// and on a deadlock, when no task can ever go on. A deadlock is reported at once, with
// every task, what it waits for, since when, and its stack.
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
// For that, a program has to take its random numbers from [Rand], and must not depend on
// the order of maps, on select with several ready channels, on other goroutines or on the
// real clock. If a replay goes another way than the recording, it says where.
//
// # What the clock knows
//
// The functions of ToThread and RunInExecutor take no time by the clock of the loop:
// while one runs, the clock does not jump. If none of them returns or calls the loop for
// a second of real time (see [Patience]), they probably wait for the loop, and the clock
// jumps to the next deadline all the same. After one of them has returned or called the
// loop, the clock waits for them again. It does not wait when every goroutine of the
// process waits, and one of them for a call that it has handed to the loop (goroutines of
// net/http do that on connections of package streams): then nothing can come before the
// loop goes on. The clock does not know other goroutines of the program. Announce them
// with [Outside].
//
// A task in asyncio.Receive or Send waits for the other end of the channel. If another
// task of the loop is there, the value arrives in the next pass of the loop, and the
// clock does not jump before. If another goroutine is there, it has to be announced as
// well: otherwise the clock jumps, or a deadlock is reported that names the task.
//
// When a task or a callback cancels a context of the standard library, the waits on it
// end in the next pass; if there are waits on many contexts, some passes later, but
// before the clock moves. A context of the standard library with a deadline goes by the
// real clock: its Done and Err know nothing of the loop's clock. But a wait on it ends at
// that deadline by the loop's clock, with an error that is context.DeadlineExceeded, if
// the timeout is in whole milliseconds, or if the clock stands still between the making
// of the context and the wait. Otherwise the loop cannot know when the deadline is, and
// the test fails. asyncio.WithTimeout goes by the loop's clock in any case.
// context.WithDeadline takes a time of the real clock. Times of the loop begin in the
// year 2000, so for it they have passed; use asyncio.WithTimeoutAt for these.
//
// # The network
//
// Connections of package streams are in memory in a test: all its tasks are on one host,
// known as localhost, 127.0.0.1 and ::1, which has every port for the test alone. There
// are TCP, UDP and Unix sockets, with the errors of Linux on every system. No connection
// takes time, real or virtual. What happens on connections depends only on the order of
// the tasks and the seed, so a replay repeats it. [Net] adds other hosts. The test cannot
// reach the system's network, and the network cannot reach the test.
//
// This holds for package streams and what is built on it. A socket of package net is a
// socket of the system, also in a test. Adopt and Serve of package streams refuse such a
// socket; if the loop waits for one in another way, with Loop.AddReader for example, the
// test's log says so. If a library dials, give it streams.DialContext. Pass [RealNetwork]
// if a test needs the system's network.
//
// # Hosts
//
// [Network.Host] adds a host, which has a name, an address, a disk and a wall clock, and
// runs a function on it. When this function uses package streams, it is on the network as
// that host, without any change to the program:
//
//	n := asynciotest.Net(ctx)
//	server := n.Host("server", serve)
//	client := n.Host("client", func(ctx context.Context) error { return use(ctx, "server:80") })
//	n.Link(client, server).Latency(time.Millisecond, 20*time.Millisecond)
//	heal := n.Link(client, server).Partition()
//
// A link may be slow, lose what is sent, or be cut in one direction or in both. A host
// may crash at any moment and start again with what was on its disk. Errors are those of
// Linux. Explore varies latencies and losses together with the order of the tasks, and a
// replay repeats them. If a test chooses the moments of its faults with [Rand], they
// vary, too.
//
// The hosts of a test share one loop, and the variables of the program. So keep what only
// one host may know in local variables of its function, and what survives a crash on its
// disk. time.Now is the real clock; asyncio.Now is the clock of the host.
//
// # In a test
//
// The functions take a testing.TB and may be used in subtests, in parallel
// ones, and in benchmarks, around b.Loop or inside it. The context is derived
// from t.Context. FailNow, Fatal and SkipNow may be called in any task, and end
// the test.
package asynciotest
