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
// plain variables need no locks. Any function may suspend, however deep in the calls;
// there are no two kinds of functions. A function that may suspend takes a context. The
// exceptions are functions for which the interfaces of Go leave no room for one: reading
// and writing connections, pipes and files, and everything that does so underneath
// (fmt.Fprint, io.Copy, the Flush of a bufio.Writer); Accept of a listener; and each turn
// of a range over an iterator that was made with a context ([Queue.All],
// [Subscriber.All], [Watch.Changes], [TaskSet.All], [Every], [Signals], [AsCompleted]).
// [NoSuspend] calls a function that must not suspend, and panics if it does.
//
// A task that blocks the goroutine (time.Sleep, a channel, a mutex, a file) blocks the
// loop and all its tasks. Such work belongs in [ToThread] or an [Executor], which run it
// in parallel. A step is what a task does from one suspension to the next; a watchdog
// reports a step that blocks the loop, while it lasts, and who waits for whom (see
// [SlowStep]). A sync.Mutex must not be held across a suspension: the next task that
// wants it blocks the loop for ever. [Lock] is made for that.
//
// A task waits for a Go channel with [Receive] and [Send], which suspend it and not
// the loop. Between tasks, use a [Queue] in place of a channel, and [Select], which waits
// for the first of several queues, locks, events and tasks, in place of select.
//
// Other goroutines reach a loop in one way, [Loop.CallSoonThreadsafe], on which
// [RunCoroutineThreadsafe] is built. On another goroutine, the methods of loops, tasks,
// futures and groups panic and say what to do, unless their documentation says that any
// goroutine may call them. The methods of locks, events and queues do the same once any
// of them was called on a loop. (On architectures other than amd64 and arm64, finding out
// the current goroutine is expensive; there, only debug mode checks it, and only for what
// a task has used with its context.) Tasks must not call runtime.LockOSThread and keep it
// over a suspension; a program that runs a [Runner] several times must call it each time
// with the goroutine locked to its thread, or each time without.
//
// On js/wasm all goroutines share one thread, and none can be interrupted: a function in
// ToThread may wait there beside the loop, but while it or a step computes, everything
// else stands still, and SlowStep cannot report it. No signals come, and no descriptors
// can be waited for.
//
// A loop uses one core. [RunGroup] runs several in parallel, which share
// nothing: a task stays on its loop, and what is made on a loop belongs to it.
// [RunOn] runs a coroutine on another loop and awaits it here.
//
// # Coroutines and tasks
//
// Calling a function that returns a [Coro] runs nothing: a Coro describes work.
// [Coro.Await] does that work inside the calling task. [CreateTask] makes a [Task] of it,
// which runs beside the calling task, beginning with the next pass of the loop (see
// below); [Gather] makes several tasks and waits for them. A [Future] is a result that
// someone will set.
//
// # Order
//
// The loop works in passes. A pass takes in what has come from other
// goroutines and the timers that are due, and then runs exactly what is ready
// at that moment, first in, first out. What becomes ready meanwhile waits for
// the next pass. A call never runs a callback or resumes a waiting task itself; it puts
// an event into the queue of what is ready. An operation that need not wait does not
// suspend; but I/O that has gone on for long does, as package streams says. All this is
// CPython's order, event by event, so a program prints here what it prints in CPython.
//
// # Cancellation
//
// Cancellation works through contexts. A task has a context of its own, and [Task.Cancel]
// cancels it; when the task has ended, its context is done as well, so that a goroutine
// that was started with it can end, too. [WithTimeout] and [WithTaskGroup] pass their
// body a context derived from the caller's; a group derives the contexts of its tasks
// from its own. [CreateTask], [Go], [Gather] and [RunCoroutineThreadsafe] take only the
// values of the context that they are given.
//
// A canceled context stays canceled: every wait on it returns in the next pass
// with an error that is [ErrCanceled], and context.Cause says why. Clean-up code that has
// to wait uses context.WithoutCancel(ctx). A wait that has been woken can no longer be
// canceled, so an item from a queue, a permit, or a result is never lost.
//
// Some waits own what they wait for: awaiting a task or a future, Gather, Race, Any, and
// leaving a group. Such a wait passes a cancellation on, and returns when what it waits
// for has ended. [Shield] waits without owning.
//
// Contexts of the standard library can be derived from the contexts of this package, to
// any depth. Their end ends waits on them, and a cancellation of ours cancels them;
// neither costs a goroutine. A wait that only a standard context has ended returns an
// error that wraps the error of that context, and is not ErrCanceled. Deadlines of
// standard contexts go by the real clock (package asynciotest says what happens to them
// on virtual time), and do not change when a [Timeout] that they were derived from is
// rescheduled.
//
// # Errors and panics
//
// No error is lost. It is returned, or joined with others in an [ExceptionGroup], or it
// goes to the exception handler ([OnException]): the handler gets errors that no one has
// looked at, when the task is collected as garbage, and at the latest when Run ends.
//
// A task counts as canceled, not as failed, if all leaves of its error (the errors that
// hold no others) are ErrCanceled, or an error or the cause of its own canceled context.
// Its error is then ErrCanceled as well, in the sense of errors.Is, wherever it is read.
// For a group, a task that ended canceled is no failure.
//
// With %v, errors print in one line. With %+v, an [ExceptionGroup] and a [PanicError]
// print everything that they hold: every error, and the stacks of panics, each below the
// name of the task that it comes from.
//
// A panic in a task is reported at once, with its stack. Whoever awaits the task gets it
// as a [PanicError], and Run panics with it if main returns it. A panic in the body of a
// group or a timeout goes on as that panic when the tasks of the group have ended.
// runtime.Goexit in a task, which t.FailNow calls, ends the task, and, after the loop has
// cleaned up, the goroutine of Run.
//
// # What a program is doing
//
// [DumpTasks] writes what each task waits for, since when, where in the code, and which
// task holds that, as a tree; with [DumpOnQuit], SIGQUIT (Ctrl-\ in the terminal) does
// so. The program itself can ask: [TaskInfo] describes one task, also with its stack,
// [AllTasks] returns all, and [Loop.Stats] counts. Reports show tasks, groups, locks and
// queues by the names that you give them with [Name], [GroupName], and the method
// SetName.
//
// Package trace records what a loop does, step by step, for a drawing, Perfetto or JSON.
// Package console shows it live, in a browser and to the commands asyncio ps, tree, top,
// trace and dump; a blank import of the package and ASYNCIO_CONSOLE=1 are enough. Both
// read the same record, which the loop writes only while someone looks. The functions of
// [Hooks], given to [Observe], are called for everything as it happens. The command of
// this module, go run ./cmd/asyncio tour, draws the timelines of small programs.
//
// A task has the labels of runtime/pprof of the context with which it was created, until
// it ends. (It does not take labels from the goroutine that creates it, because a
// goroutine cannot be asked for them.)
//
// # Options
//
// In options, zero is the default and a negative number means no limit: SlowStep(-1)
// turns the watchdog off, Grace(-1) waits without limit. Other parameters differ:
//
//   - With a duration that is not positive, [Sleep], [WaitFor], [WithTimeout] and
//     [TaskGroup.CancelAfter] end at once, or at the first wait.
//   - [Wait] has no timeout if its timeout is zero, and does not wait if it is negative.
//   - [NewQueue] and [NewSemaphore] do the same as in Python's asyncio: a queue whose
//     size is not positive has no limit; a semaphore of zero has no permits, and a
//     negative number panics.
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
//	wait of tasks that each get()    Select(ctx, a.OnGet(&v), b.OnGet(&v)), which loses no item
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
//	Lock(), Event(), Condition()     var l Lock: the zero value is ready; async with l: l.With(ctx, fn)
//	a Semaphore of several permits   Semaphore.AcquireN(ctx, n), SetLimit(n)
//	RWLock (package aiorwlock)       RWLock
//	a Queue for each listener        Broadcast, Subscriber
//	Condition with a variable        Watch: the latest value
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
// What asyncio does not have, by its name elsewhere:
//
//	trio: await nursery.start(f)     Start(ctx, tg, f), StartFunc
//	trio: sleep_until(when)          SleepUntil(ctx, when)
//	trio: move_on_after on a nursery tg.CancelAfter(d), tg.Expired()
//	tokio: interval; time.Ticker     for beat, err := range Every(ctx, d)
//	tokio: JoinSet                   TaskSet, of tasks that it does not own
//	tokio: select!; Go's select      Select, with OnReceive and OnSend for Go channels, After(d), Ready()
//	tokio: broadcast, watch          Broadcast, Watch
//
// Packages streams and subprocess have tables of their own, and docs/guide/python.md
// lists every name of asyncio with its counterpart here, or the reason why there is none.
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
//     asyncio takes a pass for each level. So here the child of a child may be canceled
//     before its first step, or in a Yield, where in asyncio it would have come further.
//   - A group cancels its tasks in the order of their spawning, and Wait and
//     AsCompleted go by that of their arguments; asyncio goes by that of a set.
//   - A group hears of a child that has ended in its eager start a pass later, as of
//     any other; asyncio's hears at once.
//   - Timers with the same deadline fire in the order in which they were set.
//   - ExceptionGroup.Split asks its function about leaves only, where Python's asks about
//     groups too: there, the test is isinstance, which does not look inside a group; here
//     it is mostly errors.Is, which does.
//   - A task may be started in a group that is being aborted; it is canceled
//     before its first step.
package asyncio
