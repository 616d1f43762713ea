// Package trace records what event loops do: which task ran when and for how long, what
// each one waited for, who woke it, where it was created, and what ran on threads beside
// the loop, and what simulated hosts of package asynciotest sent to each other. The
// recording can be drawn as text, written for Perfetto, or kept as JSON.
//
//	recorder := trace.New()
//	err := asyncio.Run(ctx, main, recorder.Observe())
//	recorder.Recording().Timeline(os.Stdout, 100)
//
// # Recording
//
// A [Recorder] has a ring of bounded size: when it is full, the oldest events are dropped
// and counted, and every export says so. A recording then begins with the tasks that
// there were at that time: for tasks that still live it has the names, the parents, and
// what they wait for; for tasks that have ended it may have less. So a recorder may be on
// for as long as a program runs, and shows the last seconds before something went wrong.
// [Recorder.Attach] records a loop that runs already.
//
// Without a recorder, a loop pays nothing. With one, a step (what a task does between two
// suspensions) costs some 20 ns more; the other work is done when a Recording is taken.
// Any number of recorders may be on at the same time, together with [asyncio.Hooks] and a
// console.
//
// # From outside
//
// For a program that imports this package, if only with a blank import, the environment
// variable ASYNCIO_TRACE=FILE records all its loops from their first event on. When the
// last loop that runs has ended, and before Run returns, it writes FILE: as JSON if the
// name ends in .json, for Perfetto otherwise. A line on standard error says how many
// events are in which file. "%p" in FILE stands for the number of the process. If loops
// run again afterwards, FILE-2 and FILE-3 follow (before the extension, and up to 100 of
// them). A file that was there before the process began is replaced. A younger file
// belongs to another process with the same variable, perhaps a child; then the number of
// the process is added to the name. A program that ends by os.Exit, or by a signal,
// writes nothing: give asyncio.Run the context of signal.NotifyContext, and Ctrl-C ends
// the loop.
//
// # The tools of Go
//
// The loop's tasks are coroutines, which the tools of Go do not know by name. With
// [Labels], profiles of runtime/pprof show the names of tasks; with [Regions], traces of
// runtime/trace do.
//
// In Python, the nearest equivalent is asyncio's debug mode with its
// slow_callback_duration, and the call graph that asyncio.capture_call_graph captures.
package trace
