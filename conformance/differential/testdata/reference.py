"""CPython's asyncio on a clock that jumps, with our documented differences as switches.

With no switch on, asyncio is what CPython has; only the loop's clock is replaced. Each switch is a sentence of the
package documentation, under "What differs, on purpose"; ../README.md has the table. CPython 3.13.
"""
import asyncio
import contextlib
import functools
import itertools
from asyncio import base_events, events, exceptions, futures, locks, queues, taskgroups, tasks, timeouts

# The switches, and what each needs to be on as well.
SWITCHES = {
    "timers": (),  # timers with the same deadline fire in the order in which they were set
    "sets": (),  # a group cancels its tasks in the order of spawning; wait goes by that of its arguments
    "gather": (),  # a canceled gather ends when all its tasks have ended; so does wait_for without time
    "condition": (),  # a condition wakes no task because another was canceled
    "eager": (),  # a group hears of a child that has ended in its eager start a pass later, as of any other
    "scopes": (),  # a cancellation reaches all scopes and groups at once, and holds; there is no uncancel
    "entry": ("scopes",),  # a wait for what is there already is canceled, too
    "value": ("scopes",),  # a task that cancels itself and then returns a value has that value
    "kept": ("scopes",),  # a wait that was woken can no longer be canceled
    "late": ("scopes",),  # a task may be started in a group that is being aborted
}

ON = set()  # the switches that are on


class Jump:
    """A selector that moves the loop's clock instead of waiting."""

    def __init__(self, loop):
        self.loop = loop

    def select(self, timeout):
        if timeout is None:
            raise SystemError("nothing can ever go on")
        if timeout > 0:
            self.loop.now = self.loop._scheduled[0]._when
        return []


class Loop(base_events.BaseEventLoop):
    def __init__(self):
        super().__init__()
        self.now, self._clock_resolution = 0.0, 2.0**-30
        self._selector = Jump(self)
        self.set_exception_handler(lambda loop, context: None)
        if "scopes" in ON:
            self.set_task_factory(create_task)

    def time(self):
        return self.now

    def create_future(self):
        return Future(loop=self) if "scopes" in ON else super().create_future()

    def _process_events(self, event_list):
        pass

    def _write_to_self(self):
        pass


class Timer(events.TimerHandle):
    """A timer that fires after those that were set before it for the same time."""

    ages = itertools.count()

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.key = self._when, next(self.ages)

    def __lt__(self, other):
        return self.key < other.key


class OrderedSet(dict):
    """What is used of a set, in the order of adding."""

    def __init__(self, items=()):
        super().__init__((x, None) for x in items)

    def add(self, x):
        self[x] = None

    def discard(self, x):
        self.pop(x, None)


class Scope:
    """What is canceled together: a task, or a timeout or a group that it has open."""

    def __init__(self, task, up, group=None):
        self.task, self.up, self.group, self.below = task, up, group, OrderedSet()
        self.canceled = up is not None and up.canceled
        if up is not None:
            up.below.add(self)

    def open_here(group=None):
        """Opens a scope in the running task."""
        task = asyncio.current_task()
        scope = Scope(task, task.current, group)
        scope.outer, task.current = task.current, scope
        return scope

    def close(self):
        self.task.current = self.outer
        self.leave()

    def leave(self):
        if self.up is not None:
            self.up.below.discard(self)

    def cancel(self):
        if not self.canceled:
            self.canceled = True
            self.deliver()

    def deliver(self):
        """Brings a cancellation to the wait in the scope, then to what its task has open in it, then to the rest."""
        if self.task.current is self:
            self.task.cut()
        if self.group is not None:
            self.group.leave_if_ended()
        for own in True, False:
            for scope in list(self.below):
                if (scope.task is self.task) == own:
                    scope.cancel()

    def outer_canceled(self):
        return self.up is not None and self.up.canceled


class Task(tasks._PyTask):
    """A task that is canceled as a scope.

    current is the innermost scope that it has open; None where nothing cancels it.
    """

    def __init__(self, coro, *, up=None, eager_start=False, **kwargs):
        self.current = self.scope = Scope(self, up)
        super().__init__(coro, eager_start=eager_start and not self.scope.canceled, **kwargs)

    def cancel(self, msg=None):
        if self.done():
            return False
        self._log_traceback = False
        if self is asyncio.current_task(self._loop) and "value" not in ON:
            self._must_cancel = True
        self.scope.cancel()
        return True

    def is_canceled_here(self):
        return self.current is not None and self.current.canceled

    def cut(self):
        """Cancels what the task waits for. What has woken it already is kept."""
        if self._fut_waiter is not None and not self._fut_waiter.cancel() and "kept" not in ON:
            self._must_cancel = True

    def _Task__step(self, exc=None):
        if exc is None and self._fut_waiter is None and self.is_canceled_here():
            exc = self._make_cancelled_error()  # its first step, or a sleep(0)
        super()._Task__step(exc)

    def _Task__step_run_and_handle_result(self, exc):
        super()._Task__step_run_and_handle_result(exc)
        if self.done():
            self.scope.leave()
        elif self._fut_waiter is not None and self.is_canceled_here():
            self._fut_waiter.cancel()

    def __await__(self):
        yield from look_first(self.done())
        return (yield from super().__await__())


def create_task(loop, coro, **kwargs):
    return Task(coro, loop=loop, **kwargs)


class Future(futures._PyFuture):
    def __await__(self):
        yield from look_first(self.done())
        return (yield from super().__await__())


def look_first(at_once):
    """Ends canceled, a pass later, where a wait that is over at once begins in a canceled scope."""
    if at_once and "entry" in ON and asyncio.current_task().is_canceled_here():
        yield from asyncio.get_running_loop().create_future().__await__()  # which is cut


class Entry:
    """The beginning of an operation that need not wait."""

    def __await__(self):
        return look_first(True)


def looking_first(operation):
    @functools.wraps(operation)
    async def look_and_do(*args):
        await Entry()
        return await operation(*args)

    return look_and_do


@contextlib.contextmanager
def without_cancel():
    """Where nothing cancels the task: context.WithoutCancel. Stock asyncio has nothing like it."""
    if "scopes" not in ON:
        yield
        return
    task = asyncio.current_task()
    outer, task.current = task.current, None
    try:
        yield
    finally:
        task.current = outer


class Timeout(timeouts.Timeout):
    """A timeout that is a scope."""

    async def __aenter__(self):
        self.scope = Scope.open_here()
        return await super().__aenter__()

    def _on_timeout(self):
        self._state = timeouts._State.EXPIRING
        self._timeout_handler = None
        self.scope.cancel()

    async def __aexit__(self, kind, error, traceback):
        self.scope.close()
        if self._timeout_handler is not None:
            self._timeout_handler.cancel()
        if self.expired() and not self.scope.outer_canceled() and isinstance(error, exceptions.CancelledError):
            raise TimeoutError from error


class TaskGroup(taskgroups.TaskGroup):
    """A group that is a scope."""

    def __init__(self):
        super().__init__()
        self._parent_cancel_requested = True  # which is for the scope to do
        self.was_canceled = False

    async def __aenter__(self):
        self.scope = Scope.open_here(self)
        return await super().__aenter__()

    def create_task(self, coro, *, eager_start=False, **kwargs):
        outer = self._loop.get_task_factory()
        eager_start = eager_start or outer is asyncio.eager_task_factory

        def start(loop, coro, **kwargs):
            loop.set_task_factory(outer)  # for what the task itself creates
            return Task(coro, loop=loop, up=self.scope, eager_start=eager_start, **kwargs)

        aborting, self._aborting = self._aborting, self._aborting and "late" not in ON
        self._loop.set_task_factory(start)
        try:
            with hearing_later(self):
                return super().create_task(coro, **kwargs)
        finally:
            self._loop.set_task_factory(outer)
            self._aborting = self._aborting or aborting

    def _abort(self):
        self._aborting = True
        if self.scope.canceled:
            return
        self.scope.canceled = True
        for task in self.in_order():
            task.scope.cancel()
        self.scope.deliver()

    def in_order(self):
        """The children in the order of spawning. One that starts eagerly may spawn others before it is in the set."""
        if "sets" not in ON:
            return list(self._tasks)
        return [scope.task for scope in self.scope.below if scope.task.scope is scope]

    def _on_task_done(self, task):
        super()._on_task_done(task)
        if not task.cancelled() and task.exception() is not None and not self._aborting:
            self._abort()

    def leave_if_ended(self):
        waiter = self._on_completed_fut
        if waiter is not None and not waiter.done() and all(task.done() for task in self._tasks):
            waiter.set_result(True)

    async def __aexit__(self, kind, error, traceback):
        self._exiting = True
        if kind is not None and not self._aborting:
            self._abort()
        with without_cancel():
            while self._tasks:
                self._on_completed_fut = self._loop.create_future()
                await self._on_completed_fut
                self._on_completed_fut = None
        self.scope.close()
        if error is not None and not isinstance(error, exceptions.CancelledError):
            self._errors.append(error)
        if self._errors:
            raise BaseExceptionGroup("unhandled errors in a TaskGroup", self._errors) from None
        if self.scope.outer_canceled():
            raise error or exceptions.CancelledError
        return self.was_canceled


def cancel_group(group):
    """TaskGroup.cancel, which comes with Python 3.15."""
    if group._exiting and not group._tasks:
        return
    if isinstance(group, TaskGroup):
        group.was_canceled = True
        if not group._aborting:
            group._abort()
        return
    if not group._aborting:
        group._abort()
    if not group._parent_cancel_requested:
        group._parent_cancel_requested = True
        group._parent_task.cancel()


@contextlib.contextmanager
def hearing_later(group):
    """Lets a group hear of a child that has ended in its eager start as of any other."""
    heard, creating = group._on_task_done, True

    def hear(task):
        if creating and "eager" in ON:
            group._tasks.add(task)
            task.add_done_callback(heard)
        else:
            heard(task)

    group._on_task_done = hear
    try:
        yield
    finally:
        creating = False
        group._on_task_done = heard


def create_eager_child(group, coro):
    """TaskGroup.create_task with eager_start, which comes with Python 3.14."""
    if isinstance(group, TaskGroup):
        return group.create_task(coro, eager_start=True)

    def start(loop, coro, **kwargs):
        loop.set_task_factory(None)
        return asyncio.Task(coro, loop=loop, eager_start=True, **kwargs)

    group._loop.set_task_factory(start)
    try:
        with hearing_later(group):
            return group.create_task(coro)
    finally:
        group._loop.set_task_factory(None)


class Combination(futures._PyFuture):
    """The wait of a gather, or a race, that ends when all that it owns has ended.

    decides says whether the end of a child settles the outcome. That ends the wait; or, if cancels is true, the
    other children are canceled.
    """

    def __init__(self, children, decides, cancels=False):
        super().__init__(loop=asyncio.get_running_loop())
        self.children, self.decides, self.cancels = OrderedSet(children), decides, cancels
        self.left, self.first, self.cut, self.passed_on = len(self.children), None, False, False

    def cancel(self, msg=None):
        if self.done():
            return False
        self.passed_on = True
        self.cut = self.cancel_children()
        return self.cut

    def cancel_children(self):
        return any([child.cancel() for child in self.children])

    def finished(self):
        return self.left == 0 or self.first is not None and not self.cancels and not self.cut

    def count(self, child):
        self.left -= 1
        if self.first is None and self.decides(child):
            self.first = child
            if self.cancels:
                self.cancel_children()
        if self.finished() and not self.done():
            self.set_result(None)

    async def end(self):
        """Waits, and raises if the wait was canceled."""
        if "scopes" in ON and asyncio.current_task().is_canceled_here():
            self.decides = never  # a canceled context wins over children that are done already
        early = [child for child in self.children if child.done()]
        for child in self.children:
            if not child.done():
                child.add_done_callback(self.count)
        for child in early:
            self.count(child)
        if self.finished():
            await Entry()
            return
        try:
            await self
        finally:
            for child in self.children:
                child.remove_done_callback(self.count)
        if self.cut and (self.first is None or self.first.cancelled()):
            raise exceptions.CancelledError


def never(child):
    return False


def failed(child):
    return child.cancelled() or child.exception() is not None


async def gather(*awaitables, return_exceptions=False):
    """gather that ends with the last of its tasks, when it is canceled."""
    children = [tasks.ensure_future(a) for a in awaitables]
    combination = Combination(children, never if return_exceptions else failed)
    await combination.end()
    if combination.first is not None:
        return combination.first.result()
    if return_exceptions:
        return [outcome(child) for child in children]
    return [child.result() for child in children]


def outcome(child):
    return exceptions.CancelledError() if child.cancelled() else child.exception() or child.result()


async def race(*awaitables):
    """What ends first. The others are canceled, and waited for. CPython has nothing that does so."""
    combination = Combination([tasks.ensure_future(a) for a in awaitables], lambda child: True, cancels=True)
    await combination.end()
    return combination.first.result()


async def wait_for(awaitable, timeout):
    if timeout > 0:
        return await stock_wait_for(awaitable, timeout)
    await Entry()
    child = tasks.ensure_future(awaitable)
    if child.done():
        return child.result()
    child.cancel()
    wait = Combination([child], never)
    await wait.end()
    if wait.passed_on:
        raise exceptions.CancelledError
    try:
        return child.result()
    except exceptions.CancelledError as e:
        raise TimeoutError from e


stock_wait_for = tasks.wait_for


async def wait_for_condition(self):
    """Condition.wait that takes its lock back whatever happens."""
    if not self.locked():
        raise RuntimeError("cannot wait on un-acquired lock")
    waiter = self._get_loop().create_future()
    self.release()
    try:
        self._waiters.append(waiter)
        try:
            await waiter
        finally:
            self._waiters.remove(waiter)
            with without_cancel():
                await self.acquire()
    except BaseException:
        if "condition" not in ON:
            self._notify(1)
        raise
    return True


def turn_on(names):
    """Turns switches on, for good."""
    ON.update(names)
    if missing := {other for name in names for other in SWITCHES[name]} - ON:
        raise SystemExit(f"these have to be on as well: {missing}")
    if "timers" in ON:
        events.TimerHandle = Timer
    if "sets" in ON:
        tasks.set = taskgroups.set = OrderedSet
    if "gather" in ON:
        asyncio.gather, asyncio.wait_for = gather, wait_for
    if "condition" in ON or "scopes" in ON:
        locks.Condition.wait = wait_for_condition
    if "scopes" in ON:
        asyncio.timeout, timeouts.Timeout = timeouts.timeout, Timeout
        asyncio.TaskGroup = TaskGroup
    if "entry" in ON:
        for owner, name in [
            (locks.Lock, "acquire"), (locks.Semaphore, "acquire"), (locks.Event, "wait"), (locks.Condition, "wait"),
            (queues.Queue, "put"), (queues.Queue, "get"), (queues.Queue, "join"),
        ]:
            setattr(owner, name, looking_first(getattr(owner, name)))


def run(main):
    """Runs a coroutine to its end, and leaves everything else as it is then."""
    loop = Loop()
    events.set_event_loop(loop)
    events._set_running_loop(None)
    loop.run_until_complete(main)
