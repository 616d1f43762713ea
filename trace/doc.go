// Package trace records what event loops do: which task ran when and for how long, what
// each one waited for, who woke it, where it was created, and what ran on threads beside
// the loop. The recording can be drawn as text, written for Perfetto, or kept as JSON.
//
//	recorder := trace.New()
//	err := asyncio.Run(ctx, main, recorder.Observe())
//	recorder.Recording().Timeline(os.Stdout, 100)
//
// # Recording
//
// A [Recorder] has a ring of bounded size: when it is full, the oldest events are dropped
// and counted, and every export says so. A recording then begins with the tasks that there
// were: the names, the parents, and what they wait for of those that still live. Of tasks
// that have ended, less may be known. So a recorder may be on for
// as long as a program runs, and tells of the last seconds before something went wrong.
// [Recorder.Attach] records a loop that runs already.
//
// While nobody records, a loop pays nothing. While somebody does, a step costs some 20 ns
// more; the work on what was recorded is done when a Recording is taken. Any number of recorders
// stand side by side, with [asyncio.Hooks], with a console, and with each other.
//
// # From outside
//
// For a program that imports this package, if only with a blank import, the environment
// variable ASYNCIO_TRACE=FILE records all its loops from their first event on, and writes
// FILE when the last loop that runs has ended, before Run returns: as JSON if its name
// ends in .json, for Perfetto otherwise. It says on standard error how many events are in
// which file. "%p" in FILE stands for the number of the process. If loops run again
// afterwards, FILE-2 and FILE-3 follow (before the extension, and up to 100 of them). A
// file that was there before the process began is replaced; one that is younger is of
// another process that has the same variable, a child perhaps, and the number of the
// process is then put into the name. A program that ends by os.Exit, or by a signal,
// writes nothing: give asyncio.Run the context of signal.NotifyContext, and Ctrl-C ends
// the loop.
//
// # The tools of Go
//
// The loop's tasks are coroutines, which the tools of Go do not know by name. With
// [Labels], profiles of runtime/pprof name them, and with [Regions], so do traces of
// runtime/trace.
//
// In Python, the nearest thing is asyncio's debug mode with its slow_callback_duration,
// and the call graph that asyncio.capture_call_graph captures.
package trace
