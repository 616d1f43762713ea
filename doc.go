// Package asyncio is Python's asyncio for Go: an event loop that runs
// coroutines one at a time, and the vocabulary of asyncio on it.
//
//	func worker(name string, delay time.Duration) asyncio.Coro[string] {
//		return func(ctx context.Context) (string, error) {
//			if err := asyncio.Sleep(ctx, delay); err != nil {
//				return "", err
//			}
//			return name + " done", nil
//		}
//	}
//
//	err := asyncio.Run(context.Background(), func(ctx context.Context) error {
//		results, err := asyncio.Gather(ctx, worker("A", 2*time.Second), worker("B", time.Second))
//		fmt.Println(results) // [A done B done], after two seconds
//		return err
//	})
//
// # What runs where
//
// Run runs a loop on the goroutine that calls it. Everything that the loop
// runs, tasks and callbacks, takes turns: one runs until it suspends, and only
// then another. So between two suspension points nothing else happens, and
// plain variables need no locks. Any function may suspend, however deep; there are no
// two kinds of functions. What may suspend takes a context, with these exceptions, that
// the interfaces of Go leave no choice: reading and writing connections, pipes and
// files, and so all that does it underneath (fmt.Fprint, io.Copy, the Flush of a
// bufio.Writer); Accept of a listener; and each step of a range over what was made
// with a context ([Queue.All], [Signals], [AsCompleted]). [NoSuspend] calls a function
// that must not suspend, and panics if it does.
//
// A task that blocks the goroutine (time.Sleep, a channel, a mutex, a file)
// blocks the loop and all its tasks. Such work belongs in [ToThread] or an
// [Executor], which run it in parallel; a watchdog reports what was forgotten, while
// it lasts, and who waits for whom (see [SlowStep]). A
// sync.Mutex must not be held across a suspension: the next task that wants it
// blocks the loop for ever. [Lock] is made for that.
//
// A task waits for a Go channel with [Receive] and [Send], which suspend it and not
// the loop. Between tasks, a [Queue] is the better channel.
//
// Other goroutines reach a loop in one way, [Loop.CallSoonThreadsafe], on which
// [RunCoroutineThreadsafe] is built. The methods of loops, tasks,
// futures and groups panic there, unless their documentation says that any goroutine
// may call them, and say what to do; those of locks, events and queues
// do as soon as they have been used on the loop, by whichever method. (On other
// architectures than amd64 and arm64, where it is dear to know the current
// goroutine, only debug mode looks, and only at what a task has used with its
// context.) Tasks must not call runtime.LockOSThread and keep it over a
// suspension; a program that runs a [Runner] several times must do so with the
// same thread-lock state.
//
// On js/wasm all goroutines share one thread, and none is made to leave it: a
// function in ToThread may wait there beside the loop, but while it or a step
// computes all else stands still, unseen by SlowStep; no signals come, and no
// descriptors can be waited for.
//
// A loop uses one core. [RunGroup] runs several in parallel, which share
// nothing: a task stays on its loop, and what is made on a loop belongs to it.
// [RunOn] runs a coroutine on another loop and awaits it here.
//
// # Coroutines and tasks
//
// Calling a function that returns a [Coro] runs nothing: it describes work.
// [Coro.Await] does that work, inside the calling task. [CreateTask] makes a
// [Task] of it, which runs beside the calling one from the next pass of the loop
// on; [Gather] makes several and waits for them. A [Future] is a result that
// someone will set.
//
// # Order
//
// The loop works in passes. A pass takes in what has come from other
// goroutines and the timers that are due, and then runs exactly what is ready
// at that moment, first in, first out. What becomes ready meanwhile waits for
// the next pass. No callback is called inline, and no waiting task is resumed
// inline; each is an event in the queue. An operation that need not wait does
// not give up its turn; I/O does when it has gone on for long, as package streams
// says. All this is CPython's order, event by event, so a program prints here what
// it prints there.
//
// # Cancellation
//
// The context is the cancel scope. A task has one of its own, and
// [Task.Cancel] cancels that; when the task has ended, it is done as well, so
// that a goroutine which was started with it can end, too. [WithTimeout] and
// [WithTaskGroup] hand their body a context derived from the caller's; a group
// derives those of its tasks from its own. [CreateTask], [Go], [Gather] and
// [RunCoroutineThreadsafe] take only the values of theirs.
//
// A canceled context stays canceled: every wait on it returns in the next pass
// with an error that is [ErrCanceled], and context.Cause says why. Cleaning up
// that has to wait uses context.WithoutCancel(ctx). A wait that has been woken
// can no longer be canceled: an item from a queue, a permit, a result is never
// lost.
//
// A wait that owns what it waits for passes the cancellation on and returns
// when that has ended: awaiting a task or a future, Gather, Race, Any, leaving
// a group. [Shield] waits without owning.
//
// Contexts of the standard library can be derived from ours, to any depth.
// They cut our waits, and ours cancel them; neither costs a goroutine. A wait
// that only such a context has cut returns an error that wraps that context's
// own, and is not ErrCanceled. Their deadlines go by the real clock (asynciotest
// says what becomes of them on virtual time), and stay what they were when a [Timeout] that they were derived from is rescheduled.
//
// # Errors and panics
//
// Nothing is lost. An error is returned, or joined with others in an
// [ExceptionGroup], or it goes to the exception handler ([OnException]), which
// gets what no one has looked at: when the task is collected as garbage, at
// the latest when Run ends.
//
// A task is canceled, not failed, if all leaves of its error are ErrCanceled,
// or an error or the cause of its own canceled context. Its error is then ErrCanceled
// as well as what it was, wherever it is read. A group takes no notice of a task that
// ended canceled.
//
// Errors print in one line with %v. An [ExceptionGroup] and a [PanicError] print all
// that they hold with %+v: every error, and the stacks of panics, each below the name
// of the task that it comes from.
//
// A panic in a task is reported at once, with its stack. It travels as a
// [PanicError] to whoever awaits the task, and Run panics with it when it comes
// to the top. A panic in the body of a group or a timeout goes on as that panic
// when the tasks of the group have ended. runtime.Goexit in a task, which
// t.FailNow calls, ends the task, and, after the cleaning up, the goroutine of
// Run.
//
// # What a program is doing
//
// [DumpTasks] writes what each task waits for, since when, where, and who holds that;
// with [DumpOnQuit] so does Ctrl-\ in the terminal. [TaskInfo] tells of one task, also to
// the program. Tasks, groups, locks and queues go by the names they are given: [Name],
// [GroupName], and SetName of whatever tasks wait for. Package trace records what a loop
// does, step by step, for a drawing, Perfetto or JSON. Package console shows it live, in a
// browser and to the commands asyncio ps, tree, top, trace and dump; a blank import of it
// and ASYNCIO_CONSOLE=1 are enough. [Hooks] are called for everything as it happens.
//
// # Options
//
// In options, zero is the default and a negative number is no limit: SlowStep(-1)
// turns the watchdog off, Grace(-1) waits without end. Otherwise it is with
//
//   - durations that are the operation itself: [Sleep], [WaitFor] and [WithTimeout] of
//     one that is not positive end at once, or at the first wait.
//   - [Wait], whose timeout is none where it is zero, and no wait at all where it is
//     negative.
//   - [NewQueue] and [NewSemaphore], which have the meaning of asyncio's: a queue of a
//     size that is not positive has no limit, a semaphore of zero has no permits, and
//     of fewer panics.
//
// # To see it
//
// [DumpTasks] writes what every task waits for, since when, where and for whom, as a
// tree; [DumpOnQuit] does so at SIGQUIT. Names that SetName and [GroupName] give stand
// in every report. Package console shows a program while it runs, in a terminal or a
// browser, and package trace records it; one blank import of each is enough. They stand
// on one record that the engine writes only while someone looks. [Observe] hands what
// the loop does to a [Hooks] at once; [AllTasks] lists the tasks with what they wait
// for and, if asked, their stacks; [Loop.Stats] counts. A task has the labels of runtime/pprof that the context has with which
// it was created (not those of the goroutine, which cannot be asked), and they end
// with it. The command of this module, go run ./cmd/asyncio tour, draws the
// timelines of small programs.
//
// # For readers who know Python
//
//	asyncio                          here
//	async def f(): ...               func f() Coro[T]
//	await f()                        f().Await(ctx)
//	asyncio.run(main())              Run(ctx, main), RunValue(ctx, main)
//	asyncio.Runner                   Runner
//	create_task(f())                 CreateTask(ctx, f()), Go(ctx, fn)
//	create_task(f(), name="x")       CreateTask(ctx, f(), Name("x"))
//	eager_start=True                 Eager()
//	asyncio.sleep(1), sleep(0)       Sleep(ctx, time.Second), Yield(ctx)
//	gather(a, b)                     Gather(ctx, a, b), Gather2, Gather3
//	gather(*tasks)                   Gather(ctx, Awaitables(tasks)...)
//	gather of plain functions        Gather(ctx, Coro[T](f), Coro[T](g))
//	gather(return_exceptions=True)   GatherSettled(ctx, a, b)
//	wait(ts, return_when=...)        Wait(ctx, ts, FirstCompleted, timeout)
//	wait_for(a, 1)                   WaitFor(ctx, a, time.Second)
//	as_completed(as)                 for v, err := range AsCompleted(ctx, as...)
//	shield(a)                        Shield(ctx, a)
//	async with TaskGroup() as tg     WithTaskGroup(ctx, func(ctx, tg) error)
//	tg.create_task(f())              Spawn(tg, f()), tg.Go(fn)
//	tg.cancel()                      tg.Cancel()
//	except* ValueError               ExceptAs, ExceptIs; ExceptionGroup.Split, Subgroup
//	async with timeout(1) as t       WithTimeout(ctx, time.Second, func(ctx) error); TimeoutOf(ctx)
//	CancelledError                   errors.Is(err, ErrCanceled)
//	TimeoutError                     errors.Is(err, ErrTimeout)
//	task.cancel("why")               Task.CancelCause(err); context.Cause(ctx)
//	finally: await cleanup()         with context.WithoutCancel(ctx)
//	code without await               NoSuspend(ctx, fn)
//	ContextVar                       context.WithValue
//	async for, async generators      for x, err := range an iter.Seq2[T, error]
//	async with, on one's own type    a method With(ctx, fn), or Open and a deferred Close
//	Lock, Event, Condition, ...      the same; async with lock: lock.With(ctx, fn)
//	queue.get_nowait()               Queue.TryGet()
//	async for item in queue          for item, err := range q.All(ctx)
//	to_thread(f)                     ToThread(ctx, f)
//	loop.run_in_executor(pool, f)    RunInExecutor(ctx, pool, f)
//	loop.run_in_executor(None, f)    ToThread(ctx, f)
//	queue.Queue, in a thread         a channel, with Receive(ctx, ch) and Send(ctx, ch, v) in tasks
//	run_coroutine_threadsafe         RunCoroutineThreadsafe(loop, c)
//	wrap_future of that              RunOn(ctx, loop, c)
//	several processes                RunGroup(ctx, n, main)
//	get_running_loop()               RunningLoop(ctx)
//	ensure_future(a)                 CreateTask for a coroutine; else a itself
//	loop.run_forever()               Run with a main that waits for ctx; Loop.Stop
//	loop.time()                      Loop.Now()
//	loop.call_soon, call_later       Loop.CallSoon, Loop.CallLater
//	loop.add_reader(fd, f)           Loop.AddReader(fd, f), AddWriter
//	loop.add_signal_handler          Loop.AddSignalHandler, for sig, err := range Signals(ctx, sigs...)
//	aiofiles.open("x")               files.Open(ctx, "x")
//	loop.set_exception_handler       OnException, Loop.SetExceptionHandler
//	debug=True                       Debug(true)
//
// Packages streams and subprocess have tables of their own, and docs/guide/python.md
// has every name of asyncio and what takes its place here, or why nothing does.
//
// What differs, on purpose:
//
//   - Cancellation is not thrown once but holds: a coroutine that goes on
//     after ErrCanceled gets it again at its next wait, even if that is for
//     something that is there already. There is no uncancel.
//   - A task that cancels itself and then returns a value has that value.
//   - A result that has arrived is not lost to a cancellation that comes
//     later in the same pass. So no lock or queue has a loss to make good: where
//     asyncio's Condition wakes one more task because one was canceled, ours
//     wakes none.
//   - A canceled Gather ends when all its tasks have ended, not with the first, and
//     WaitFor without time when its task has ended.
//   - The context of a task is done when the task has ended. A function that
//     goes on in an executor needs context.WithoutCancel.
//   - The loop holds its tasks: none disappears because no one refers to it.
//   - Canceling a task reaches all scopes and groups in it at once, where
//     asyncio takes a pass for each level. So the child of a child may be canceled
//     before its first step, or in a Yield, that it would have come through.
//   - A group cancels its tasks in the order of their spawning, and Wait and
//     AsCompleted go by that of their arguments; asyncio goes by that of a set.
//   - A group hears of a child that has ended in its eager start a pass later, as of
//     any other; asyncio's hears at once.
//   - Timers with the same deadline fire in the order in which they were set.
//   - ExceptionGroup.Split asks its function about leaves only, where asyncio's asks
//     about groups too: its test is isinstance, which does not look inside, and ours
//     is mostly errors.Is, which does.
//   - A task may be started in a group that is being aborted; it is canceled
//     before its first step.
package asyncio
