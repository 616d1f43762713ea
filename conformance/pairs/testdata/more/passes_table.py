"""How many passes of the loop lie between an event and the one who observes it: the whole table."""
import asyncio

class Counter:
    """Counts passes from start to stop. Its tick comes first in every pass."""

    def __init__(self):
        self.loop = asyncio.get_running_loop()
        self.passes, self.origin, self.counted, self.running = 0, None, None, True

    def tick(self):
        self.passes += 1
        if self.running:
            self.loop.call_soon(self.tick)

    def start(self, *_):
        self.origin = self.passes

    def stop(self, *_):
        if self.counted is None:
            self.counted = self.passes - self.origin
            self.running = False

    def expiry(self):
        """The callback of a timer: a pass after its expiry."""
        self.passes = 1
        self.origin = 0
        self.loop.call_soon(self.tick)

async def nothing():
    return 1

async def gives_up():
    raise asyncio.CancelledError

async def forever():
    await asyncio.get_running_loop().create_future()

class Fixture:
    """What a trial needs: a counter, a future, a task that ends when the future is set."""

    def __init__(self):
        self.c = Counter()
        self.loop = self.c.loop
        self.fut = self.loop.create_future()

    async def child(self):
        try:
            await self.fut
        finally:
            self.c.start()

    async def seen(self, aw):
        """Stops the counter when aw is over."""
        try:
            return await aw
        finally:
            self.c.stop()

    def end_child(self):
        self.loop.call_soon(self.fut.set_result, 1)

async def in_passes(n):
    for _ in range(n):
        await asyncio.sleep(0)

# Each trial starts and stops the counter of its fixture.

async def first_step(f):
    async def first():
        f.c.stop()
    f.c.start()
    await asyncio.create_task(first())

async def first_step_eager(f):
    async def first():
        f.c.stop()
    f.c.start()
    await asyncio.Task(first(), loop=f.loop, eager_start=True)

def future_trial(act):
    async def trial(f):
        def event():
            f.c.start()
            act(f.fut)
        f.loop.call_soon(event)
        try:
            await f.seen(f.fut)
        except (OSError, asyncio.CancelledError):
            pass
    return trial

async def done_callback(f):
    f.fut.add_done_callback(f.c.stop)
    f.c.start()
    f.fut.set_result(1)
    await in_passes(2)

async def late_callback(f):
    f.fut.set_result(1)
    f.c.start()
    f.fut.add_done_callback(f.c.stop)
    await in_passes(2)

def end_of_child(combine):
    """From the end of a child to who waits for it."""
    async def trial(f):
        f.end_child()
        await f.seen(combine(asyncio.create_task(f.child())))
    return trial

def whole(make):
    """From before an operation to after it."""
    async def trial(f):
        f.c.start()
        await f.seen(make(f))
    return trial

async def group_of(t):
    async def wait():
        await t
    async with asyncio.TaskGroup() as tg:
        tg.create_task(t if asyncio.iscoroutine(t) else wait())

async def group_exit(f):
    f.end_child()
    async with asyncio.TaskGroup() as tg:
        tg.create_task(f.child())
    f.c.stop()

async def empty_group():
    async with asyncio.TaskGroup():
        pass

async def no_timeout(aw):
    async with asyncio.timeout(1):
        await aw

async def first_completed(aw):
    for nxt in asyncio.as_completed([aw]):
        await nxt

async def done_task():
    t = asyncio.create_task(nothing())
    await t
    return t

def when_done(make):
    """An operation on a task that is done."""
    async def trial(f):
        t = await done_task()
        f.c.start()
        await f.seen(make(t))
    return trial

async def just(t):
    return await t

async def wait_task(coro):
    await asyncio.wait([asyncio.create_task(coro)])

def cancelled(make, observer):
    """From cancelling a task to its observer: what it waits for (inner), the task, or its awaiter."""
    async def trial(f):
        c = f.c

        async def inner():
            try:
                await forever()
            finally:
                if observer == "inner":
                    c.stop()

        async def outer():
            try:
                await make(inner)
            finally:
                if observer == "task":
                    c.stop()

        t = asyncio.create_task(outer())
        await in_passes(3)

        async def awaiter():
            try:
                await asyncio.wait([t]) if observer == "waiter" else await t
            except asyncio.CancelledError:
                pass
            if observer in ("awaiter", "waiter"):
                c.stop()

        a = asyncio.create_task(awaiter())
        await in_passes(2)
        c.start()
        t.cancel()
        await a
        for left in asyncio.all_tasks() - {asyncio.current_task()}:
            left.cancel()
        await in_passes(3)
    return trial

async def cancelled_before_first_step(f):
    t = asyncio.create_task(nothing())
    f.c.start()
    t.cancel()
    try:
        await f.seen(t)
    except asyncio.CancelledError:
        pass

async def in_group(inner):
    async with asyncio.TaskGroup() as tg:
        tg.create_task(nothing())
        await inner()

def woken(prepare):
    """From what a callback does to a primitive to the task that waits in it."""
    async def trial(f):
        wait, act = await prepare()
        t = asyncio.create_task(f.seen(wait()))
        await in_passes(2)

        def event():
            f.c.start()
            act()

        f.loop.call_soon(event)
        await t
    return trial

async def event_set():
    ev = asyncio.Event()
    return ev.wait, ev.set

async def released(x):
    await x.acquire()
    return x.acquire, x.release

async def item_put():
    q = asyncio.Queue()
    return q.get, lambda: q.put_nowait(1)

async def item_taken():
    q = asyncio.Queue(1)
    q.put_nowait(1)
    return lambda: q.put(2), q.get_nowait

async def items_done():
    q = asyncio.Queue()
    q.put_nowait(1)
    await q.get()
    return q.join, q.task_done

async def shut_down():
    q = asyncio.Queue()

    async def get():
        try:
            await q.get()
        except asyncio.QueueShutDown:
            pass

    return get, q.shutdown

async def notified():
    cond = asyncio.Condition()

    async def wait():
        await cond.acquire()
        await cond.wait()

    def act():
        cond.notify()
        cond.release()

    async def take():
        await asyncio.sleep(0)
        await cond.acquire()

    asyncio.create_task(take())
    return wait, act

async def all_arrived():
    bar = asyncio.Barrier(2)
    return bar.wait, lambda: asyncio.Task(bar.wait(), loop=asyncio.get_running_loop(), eager_start=True)

ROWS = [
    ("create_task to its first step", first_step),
    ("eager task to its first step", first_step_eager),
    ("future set to its awaiter", future_trial(lambda fut: fut.set_result(1))),
    ("future failed to its awaiter", future_trial(lambda fut: fut.set_exception(OSError()))),
    ("future cancelled to its awaiter", future_trial(lambda fut: fut.cancel())),
    ("future set to its callback", done_callback),
    ("callback added to a future that is set", late_callback),
    ("child ends to its awaiter", end_of_child(just)),
    ("child ends to gather", end_of_child(lambda t: asyncio.gather(t))),
    ("child ends to gather of settled", end_of_child(lambda t: asyncio.gather(t, return_exceptions=True))),
    ("child ends to wait for all", end_of_child(lambda t: asyncio.wait([t]))),
    ("child ends to wait for the first", end_of_child(lambda t: asyncio.wait([t], return_when="FIRST_COMPLETED"))),
    ("child ends to shield", end_of_child(lambda t: asyncio.shield(t))),
    ("child ends to as_completed", end_of_child(first_completed)),
    ("child ends to wait_for", end_of_child(lambda t: asyncio.wait_for(t, 1))),
    ("child ends to a timeout around its awaiter", end_of_child(no_timeout)),
    ("child ends to the exit of its group", group_exit),
    ("sleep(0)", whole(lambda f: asyncio.sleep(0))),
    ("bare coroutine", whole(lambda f: nothing())),
    ("task that never suspends", whole(lambda f: asyncio.create_task(nothing()))),
    ("gather of one that never suspends", whole(lambda f: asyncio.gather(nothing()))),
    ("gather of three that never suspend", whole(lambda f: asyncio.gather(nothing(), nothing(), nothing()))),
    ("gather of nothing", whole(lambda f: asyncio.gather())),
    ("group of one that never suspends", whole(lambda f: group_of(nothing()))),
    ("empty group", whole(lambda f: empty_group())),
    ("shield of one that never suspends", whole(lambda f: asyncio.shield(nothing()))),
    ("wait for one that never suspends", whole(lambda f: wait_task(nothing()))),
    ("as_completed of one that never suspends", whole(lambda f: first_completed(nothing()))),
    ("wait_for of one that never suspends", whole(lambda f: asyncio.wait_for(nothing(), 1))),
    ("timeout around one that never suspends", whole(lambda f: no_timeout(nothing()))),
    ("await of a done task", when_done(just)),
    ("gather of a done task", when_done(lambda t: asyncio.gather(t))),
    ("wait for a done task", when_done(lambda t: asyncio.wait([t]))),
    ("shield of a done task", when_done(lambda t: asyncio.shield(t))),
    ("as_completed of a done task", when_done(first_completed)),
    ("wait_for of a done task", when_done(lambda t: asyncio.wait_for(t, 1))),
    ("wait_for of a done task, no time", when_done(lambda t: asyncio.wait_for(t, 0))),
    ("cancelled before its first step to its awaiter", cancelled_before_first_step),
    ("cancel to the task", cancelled(lambda inner: inner(), "task")),
    ("cancel to its awaiter", cancelled(lambda inner: inner(), "awaiter")),
    ("cancel to a wait for it", cancelled(lambda inner: inner(), "waiter")),
    ("cancel to the task it awaits", cancelled(lambda inner: asyncio.create_task(inner()), "inner")),
    ("cancel through the task it awaits", cancelled(lambda inner: asyncio.create_task(inner()), "task")),
    ("cancel to the child of its gather", cancelled(lambda inner: asyncio.gather(inner()), "inner")),
    ("cancel through its gather", cancelled(lambda inner: asyncio.gather(inner()), "task")),
    ("cancel to one in wait", cancelled(lambda inner: wait_task(inner()), "task")),
    ("cancel to one in shield", cancelled(lambda inner: asyncio.shield(asyncio.create_task(inner())), "task")),
    ("cancel to one in wait_for", cancelled(lambda inner: asyncio.wait_for(inner(), 1), "task")),
    ("cancel to one in a timeout", cancelled(lambda inner: no_timeout(inner()), "task")),
    ("cancel to one in the body of a group", cancelled(in_group, "task")),
    ("event set to its waiter", woken(event_set)),
    ("lock released to its waiter", woken(lambda: released(asyncio.Lock()))),
    ("semaphore released to its waiter", woken(lambda: released(asyncio.Semaphore()))),
    ("item put to the getter", woken(item_put)),
    ("item taken to the putter", woken(item_taken)),
    ("last item done to who joins", woken(items_done)),
    ("queue shut down to the getter", woken(shut_down)),
    ("notified to the waiter of a condition", woken(notified)),
    ("last one arrives to who waits at a barrier", woken(all_arrived)),
]

# These start at the expiry of a timer, when the counter begins to tick.

DELAY = 0.01

def limited(d, make):
    async def trial(f):
        f.loop.call_later(d, f.c.expiry)
        try:
            async with asyncio.timeout(d):
                await f.seen(make())
        except TimeoutError:
            pass
    return trial

async def timer_to_callback(f):
    f.loop.call_later(DELAY, f.c.expiry)
    f.loop.call_later(DELAY, f.c.stop)
    await asyncio.sleep(2 * DELAY)

async def timer_to_sleeper(f):
    f.loop.call_later(DELAY, f.c.expiry)
    await f.seen(asyncio.sleep(DELAY))

async def timer_to_wait(f):
    f.loop.call_later(DELAY, f.c.expiry)
    t = asyncio.create_task(forever())
    await f.seen(asyncio.wait([t], timeout=DELAY))
    t.cancel()

def timer_to_wait_for(observer):
    async def trial(f):
        f.loop.call_later(DELAY, f.c.expiry)

        async def inner():
            try:
                await forever()
            finally:
                if observer == "inner":
                    f.c.stop()

        try:
            await asyncio.wait_for(asyncio.create_task(inner()), DELAY)
        except TimeoutError:
            f.c.stop()
    return trial

TIMER_ROWS = [
    ("expiry to its callback", timer_to_callback),
    ("expiry to the sleeper", timer_to_sleeper),
    ("expiry to one in a timeout", limited(DELAY, forever)),
    ("expiry to a sleeper in a timeout", limited(DELAY, lambda: asyncio.sleep(1))),
    ("expiry to a wait with a timeout", timer_to_wait),
    ("expiry to the task in wait_for", timer_to_wait_for("inner")),
    ("expiry through the task in wait_for", timer_to_wait_for("awaiter")),
]

async def main():
    for label, trial in ROWS:
        f = Fixture()
        f.loop.call_soon(f.c.tick)
        await asyncio.sleep(0)
        await trial(f)
        print(f"{label}: {f.c.counted}")
        await in_passes(3)
    for label, trial in TIMER_ROWS:
        f = Fixture()
        await trial(f)
        print(f"{label}: {f.c.counted}")
        await in_passes(3)

asyncio.run(main())
