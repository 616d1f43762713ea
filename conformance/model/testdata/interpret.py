"""Carries out the random programs of programs.json with CPython's asyncio, and prints their traces.

    python3 interpret.py programs.json > traces.json

The language is described in programs_test.go. The loop is asyncio's own, on a clock that jumps to the next
deadline when nothing is ready. Three things that CPython leaves undefined are made definite: timers with equal
deadlines fire in the order in which they were set, and the sets of tasks in as_completed, in groups and at the end of
run are gone through in the order in which the tasks were created. CPython 3.13 or later.
"""
import asyncio
import inspect
import itertools
import json
import sys
from asyncio import base_events, events, runners, taskgroups, tasks


class OrderedSet(dict):
    """What is used of a set, in the order of adding."""

    def __init__(self, items=()):
        super().__init__((x, None) for x in items)

    def add(self, x):
        self[x] = None

    def discard(self, x):
        self.pop(x, None)

    remove = discard


def make_definite():
    """Puts ordered sets in the place of sets, and orders timers by deadline and then by age."""
    old = "{ensure_future(aw, loop=loop) for aw in set(aws)}"
    source = inspect.getsource(tasks._AsCompletedIterator)
    assert old in source
    exec(source.replace(old, "set(ensure_future(aw, loop=loop) for aw in dict.fromkeys(aws))"), tasks.__dict__)
    tasks.set = taskgroups.set = OrderedSet
    all_tasks = tasks.all_tasks
    tasks.all_tasks = lambda loop=None: OrderedSet(sorted(all_tasks(loop), key=lambda t: t.number))
    age = itertools.count()

    class Timer(events.TimerHandle):
        def __init__(self, *args, **kwargs):
            super().__init__(*args, **kwargs)
            self.key = round(self._when * 1e6), next(age)

        def __lt__(self, other):
            return self.key < other.key

    events.TimerHandle = Timer


class Jump:
    """A selector that moves the loop's clock instead of waiting."""

    def __init__(self, loop):
        self.loop = loop

    def select(self, timeout):
        if timeout:
            self.loop.now = self.loop._scheduled[0]._when
        return []


class Loop(base_events.BaseEventLoop):
    def __init__(self, run):
        super().__init__()
        self.now, self.passes = 1000.0, 0
        self._selector = Jump(self)
        self.set_task_factory(lambda loop, coro, **kwargs: Task(run, coro, loop=loop, **kwargs))
        self.set_exception_handler(lambda loop, context: None)

    def time(self):
        return self.now

    def _run_once(self):
        self.passes += 1
        super()._run_once()

    def _process_events(self, event_list):
        pass

    def _write_to_self(self):
        pass


class Task(tasks._PyTask):
    """A task with a number, that notes its end."""

    def __init__(self, run, coro, **kwargs):
        self.run, self.number = run, next(run.numbers)
        super().__init__(coro, **kwargs)

    def _Future__schedule_callbacks(self):
        error = asyncio.CancelledError() if self._state == "CANCELLED" else self._exception
        self.run.note(f"task {self.number} ends: {describe(error)}")
        super()._Future__schedule_callbacks()


class Failure(Exception):
    pass


def describe(e):
    match e:
        case None:
            return "ok"
        case BaseExceptionGroup():
            return "group[" + " ".join(map(describe, e.exceptions)) + "]"
        case asyncio.CancelledError():
            return "canceled"
        case TimeoutError():
            return "timeout"
    return str(e)


def has_cancelled(e):
    if isinstance(e, BaseExceptionGroup):
        return any(map(has_cancelled, e.exceptions))
    return isinstance(e, asyncio.CancelledError)


def outcome(x):
    return describe(x) if isinstance(x, BaseException) else str(x)


def text(flag):
    return "true" if flag else "false"


def label(o):
    return f"{o['ID']} {o['Kind']}"


class Run:
    """One run of a program."""

    unit, units = "ms", 1e3  # of time, and how many there are in a second

    def __init__(self, program):
        self.program, self.trace, self.last, self.over = program, [], None, False
        self.slots = [None] * program["Slots"]
        self.numbers = itertools.count(1)
        self.loop = Loop(self)

    def note(self, what):
        """Notes what happens up to main's end: when, and in a later pass at the same time, how many passes later."""
        now, passes = round((self.loop.time() - 1000) * self.units), self.loop.passes
        if self.over:
            return
        if self.last and self.last[0] == now:
            self.trace.append(f"{now}{self.unit} +{passes - self.last[1]}: {what}")
        else:
            self.trace.append(f"{now}{self.unit}: {what}")
        self.last, self.over = (now, passes), what.startswith("task 1 ends")

    def result(self):
        with asyncio.Runner(loop_factory=lambda: self.loop) as runner:
            runner.run(self.main())
        return self.trace

    async def main(self):
        self.futures = [self.loop.create_future() for _ in range(3)]
        for root in self.program["Roots"]:
            await self.op(root, None)
        await asyncio.sleep(0.1)

    async def coroutine(self, ops, group=None):
        await self.ops(ops, group)
        return ops[0]["ID"] if ops else 0

    async def ops(self, ops, group):
        for o in ops:
            try:
                what = await self.op(o, group)
            except (Failure, asyncio.CancelledError, TimeoutError, BaseExceptionGroup) as e:
                what = describe(e)
                raise
            finally:
                self.note(f"task {asyncio.current_task().number}: {label(o)}: {what}")

    async def op(self, o, group):
        """Carries out one operation, and returns what is to be noted of it."""
        body, seconds = o.get("Body", []), o.get("Time", 0) / 1000
        future, task = self.futures[o.get("Future", 0)], self.slot(o)
        match o["Kind"]:
            case "yield":
                await asyncio.sleep(0)
            case "sleep":
                await asyncio.sleep(seconds)
            case "fail":
                raise Failure(f"E{o['ID']}")
            case "give up":
                raise asyncio.CancelledError
            case "cancel" | "set future" | "fail future" | "cancel future":
                return self.act(o)
            case "soon":
                self.loop.call_soon(self.callback, body[0])
            case "later":
                self.loop.call_later(seconds, self.callback, body[0])
            case "callback":
                if task:
                    task.add_done_callback(lambda t: self.note(f"callback {o['ID']} of task {t.number}"))
            case "await future":
                return str(await future)
            case "call":
                return str(await self.coroutine(body, group))
            case "try":
                try:
                    await self.ops(body, group)
                except Exception as e:
                    if has_cancelled(e):
                        raise
                    return "caught " + describe(e)
            case "clean":
                try:
                    await self.ops(body, group)
                finally:
                    await self.ops(o.get("Cleanup", []), None)
            case "timeout":
                async with asyncio.timeout(seconds):
                    await self.ops(body, group)
            case "group":
                async with asyncio.TaskGroup() as inner:
                    await self.ops(body, inner)
            case "spawn":
                self.put(o, asyncio.create_task(self.coroutine(body)))
            case "spawn eagerly":
                self.put(o, Task(self, self.coroutine(body), loop=self.loop, eager_start=True))
            case "child":
                if group is None:
                    return "skipped"
                self.put(o, group.create_task(self.coroutine(body, group)))
            case "wait for coro":
                return str(await asyncio.wait_for(self.coroutine(body), seconds))
            case "await" | "shield" | "wait for" if not task:
                return "skipped"
            case "await":
                return str(await task)
            case "shield":
                return str(await asyncio.shield(task))
            case "wait for":
                return str(await asyncio.wait_for(task, seconds))
            case "wait":
                return await self.wait(o, seconds)
            case "gather" | "settle" | "as completed":
                return await self.combine(o)
            case other:
                raise SystemError(other)
        return "ok"

    def slot(self, o):
        n = o.get("Slot", 0)
        return self.slots[n] if 0 <= n < len(self.slots) else None

    def put(self, o, task):
        self.slots[o.get("Slot", 0)] = task

    def callback(self, o):
        self.note(f"callback: {label(o)}: {self.act(o)}")

    def act(self, o):
        """Carries out an operation that does not wait."""
        future = self.futures[o.get("Future", 0)]
        match o["Kind"]:
            case "cancel":
                task = self.slot(o)
                return text(task and task.cancel())
            case "cancel future":
                return text(future.cancel())
            case _ if future.done():
                return text(False)
            case "set future":
                future.set_result(o["ID"])
            case "fail future":
                future.set_exception(Failure(f"E{o['ID']}"))
        return text(True)

    async def wait(self, o, seconds):
        ts = list(dict.fromkeys(t for p in o.get("Parts", []) if (t := self.slot(p))))
        if ts and seconds >= 0:
            when = asyncio.ALL_COMPLETED, asyncio.FIRST_COMPLETED, asyncio.FIRST_EXCEPTION
            await asyncio.wait(ts, timeout=seconds or None, return_when=when[o.get("When", 0)])
        return " ".join(text(t.done()) for t in ts)

    async def combine(self, o):
        parts = []
        for p in o.get("Parts", []):
            if p.get("Coro"):
                parts.append(self.coroutine(p.get("Body", [])))
            elif self.slot(p):
                parts.append(self.slot(p))
        if not parts:
            return "skipped"
        match o["Kind"]:
            case "gather":
                return " ".join(map(str, await asyncio.gather(*parts)))
            case "settle":
                return " ".join(map(outcome, await asyncio.gather(*parts, return_exceptions=True)))
        seen, most = [], min(o.get("Time", 0) + 1, len(dict.fromkeys(parts)))
        async for done in asyncio.as_completed(parts):
            seen.append("canceled" if done.cancelled() else outcome(done.exception() or done.result()))
            if len(seen) == most:
                break
        return " ".join(seen)


if __name__ == "__main__":
    make_definite()
    with open(sys.argv[1], encoding="utf-8") as file:
        json.dump([Run(program).result() for program in json.load(file)], sys.stdout, indent=0)
