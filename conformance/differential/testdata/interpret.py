"""Carries out programs with CPython's asyncio, and prints what each of them prints.

    python3 interpret.py SWITCH,SWITCH... programs.json

The language is described in program_test.go.
"""
import asyncio
import gc
import json
import sys

import reference

UNIT = 1 / 1024  # of time, in seconds: sums of it are exact


class Failure(Exception):
    pass


def describe(e):
    match e:
        case BaseExceptionGroup():
            return "group[" + " ".join(map(describe, e.exceptions)) + "]"
        case asyncio.CancelledError():
            return "canceled"
        case TimeoutError():
            return "timeout"
        case asyncio.QueueShutDown():
            return "shut down"
        case Failure():
            return str(e)
        case RuntimeError() if "is shutting down" in str(e):
            return "refused"
    raise SystemError(f"a mistake in here: {e!r}")


EXPECTED = Failure, asyncio.CancelledError, TimeoutError, asyncio.QueueShutDown, BaseExceptionGroup, RuntimeError


def outcome(x):
    return describe(x) if isinstance(x, BaseException) else str(x)


def text(flag):
    return "true" if flag else "false"


class Run:
    """One run of a program."""

    def __init__(self, program):
        self.program, self.lines, self.over = program, [], False
        self.slots = [None] * program["Slots"]

    def say(self, what):
        if not self.over:
            now = round(asyncio.get_running_loop().time() / UNIT)
            self.lines.append(f"{now} {what}")

    def result(self):
        reference.run(self.main())
        return self.lines

    async def main(self):
        create_future = asyncio.get_running_loop().create_future
        self.futures = [create_future() for _ in range(3)]
        self.locks = [asyncio.Lock() for _ in range(2)]
        self.semaphores = [asyncio.Semaphore(n + 1) for n in range(2)]
        self.events = [asyncio.Event() for _ in range(2)]
        self.conditions = [asyncio.Condition() for _ in range(2)]
        self.queues = [asyncio.Queue(n) for n in range(2)]
        try:
            await self.ops("main", self.program["Body"] or [], None)
        except EXPECTED:
            pass
        with reference.without_cancel():
            await asyncio.sleep(100 * UNIT)
        self.over = True

    async def coroutine(self, name, ops, group=None):
        """What a task runs."""
        end = "ok"
        try:
            await self.ops(name, ops, group)
        except EXPECTED as e:
            end = describe(e)
            raise
        finally:
            self.say(f"{name} ends: {end}")
        return len(ops)

    async def ops(self, name, ops, group):
        for o in ops:
            what = ""
            try:
                what = await self.op(name, o, group)
            except EXPECTED as e:
                what = describe(e)
                raise
            finally:
                self.say(f"{name} {o['ID']} {o['Kind']}: {what}")

    async def op(self, name, o, group):
        """Carries out one operation, and returns what is to be said of it."""
        body, seconds, n = o.get("Body", []), o.get("Time", 0) * UNIT, o.get("N", 0)
        task, new = self.slot(n), f"t{o['ID']}"
        match o["Kind"]:
            case "yield":
                await asyncio.sleep(0)
            case "sleep":
                await asyncio.sleep(seconds)
            case "fail":
                raise Failure(f"E{o['ID']}")
            case "give up":
                raise asyncio.CancelledError
            case "soon":
                asyncio.get_running_loop().call_soon(self.callback, body[0])
            case "later":
                asyncio.get_running_loop().call_later(seconds, self.callback, body[0])
            case "ticks":
                self.tick(o, 1)
            case "call":
                await self.ops(name, body, group)
            case "try":
                try:
                    await self.ops(name, body, group)
                except Exception as e:
                    return "caught " + describe(e)
            case "swallow":
                try:
                    await self.ops(name, body, group)
                except (Exception, asyncio.CancelledError) as e:
                    return "swallowed " + describe(e)
            case "clean":
                try:
                    await self.ops(name, body, group)
                finally:
                    with reference.without_cancel():
                        await self.ops(name, o.get("Cleanup", []), None)
            case "timeout":
                async with asyncio.timeout(seconds):
                    await self.ops(name, body, group)
            case "group":
                async with asyncio.TaskGroup() as inner:
                    await self.ops(name, body, inner)
            case "cancel group":
                if group is None:
                    return "skipped"
                reference.cancel_group(group)
            case "spawn":
                self.slots[n] = asyncio.create_task(self.coroutine(new, body))
            case "spawn eagerly":
                self.slots[n] = self.eager(self.coroutine(new, body))
            case "child" | "eager child" if group is None:
                return "skipped"
            case "child":
                self.slots[n] = group.create_task(self.coroutine(new, body, group))
            case "eager child":
                self.slots[n] = reference.create_eager_child(group, self.coroutine(new, body, group))
            case "wait for coro":
                return str(await asyncio.wait_for(self.coroutine(new, body), seconds))
            case "shield coro":
                return str(await asyncio.shield(self.coroutine(new, body)))
            case "await" | "shield" | "wait for" | "callback" if task is None:
                return "skipped"
            case "callback":
                task.add_done_callback(lambda t: self.say(f"callback {o['ID']}: {text(t.cancelled())}"))
            case "await":
                return str(await task)
            case "shield":
                return str(await asyncio.shield(task))
            case "wait for":
                return str(await asyncio.wait_for(task, seconds))
            case "wait":
                return await self.wait(o, seconds)
            case "gather" | "settle" | "race":
                return await self.combine(new, o)
            case _:
                return await self.sync(name, o, group)
        return "ok"

    async def sync(self, name, o, group):
        """op for the primitives, and for what does not wait."""
        body, n, k = o.get("Body", []), o.get("N", 0), o.get("K", 0)
        match o["Kind"]:
            case "await future":
                return str(await self.futures[n])
            case "lock":
                async with self.locks[n]:
                    await self.ops(name, body, group)
            case "semaphore":
                async with self.semaphores[n]:
                    await self.ops(name, body, group)
            case "wait for event":
                await self.events[n].wait()
            case "wait for condition":
                async with self.conditions[n]:
                    await self.conditions[n].wait()
                    self.say(f"{name} {o['ID']} is notified")
                    await self.ops(name, body, group)
            case "notify":
                async with self.conditions[n]:
                    self.conditions[n].notify(k)
            case "put":
                await self.queues[n].put(o["ID"])
            case "get":
                return str(await self.queues[n].get())
            case "join":
                await self.queues[n].join()
            case _:
                return self.act(o)
        return "ok"

    def eager(self, coro):
        loop = asyncio.get_running_loop()
        kind = reference.Task if "scopes" in reference.ON else asyncio.Task
        return kind(coro, loop=loop, eager_start=True)

    def slot(self, n):
        return self.slots[n] if 0 <= n < len(self.slots) else None

    def tick(self, o, n):
        """Says something in each of the next passes."""

        def say():
            self.say(f"tick {n} of {o['ID']}")
            if n < o["K"]:
                self.tick(o, n + 1)

        asyncio.get_running_loop().call_soon(say)

    def callback(self, o):
        self.say(f"callback {o['ID']} {o['Kind']}: {self.act(o)}")

    def act(self, o):
        """Carries out an operation that does not wait."""
        n, k = o.get("N", 0), o.get("K", 0)
        match o["Kind"]:
            case "cancel":
                task = self.slot(n)
                return " ".join(text(task and task.cancel()) for _ in range(k))
            case "cancel future":
                return text(self.futures[n].cancel())
            case "set future" if not self.futures[n].done():
                self.futures[n].set_result(o["ID"])
            case "fail future" if not self.futures[n].done():
                self.futures[n].set_exception(Failure(f"E{o['ID']}"))
            case "set future" | "fail future":
                return "invalid state"
            case "set event":
                self.events[n].set()
            case "clear event":
                self.events[n].clear()
            case "try put" | "try get" | "task done" | "shut down":
                return self.queue(o, self.queues[n])
            case other:
                raise SystemError(other)
        return "ok"

    def queue(self, o, q):
        try:
            match o["Kind"]:
                case "try put":
                    q.put_nowait(o["ID"])
                case "try get":
                    return str(q.get_nowait())
                case "task done":
                    q.task_done()
                case "shut down":
                    q.shutdown(o.get("K", 0) == 1)
        except asyncio.QueueFull:
            return "full"
        except asyncio.QueueEmpty:
            return "empty"
        except asyncio.QueueShutDown:
            return "shut down"
        except ValueError:
            return "misuse"
        return "ok"

    async def wait(self, o, seconds):
        ts = list(dict.fromkeys(t for p in o.get("Parts", []) if (t := self.slot(p.get("N", 0)))))
        if not ts:
            return "skipped"
        when = asyncio.ALL_COMPLETED, asyncio.FIRST_COMPLETED, asyncio.FIRST_EXCEPTION
        await asyncio.wait(ts, timeout=seconds or None, return_when=when[o.get("K", 0)])
        return " ".join(text(t.done()) for t in ts)

    async def combine(self, new, o):
        parts = []
        for i, p in enumerate(o.get("Parts", [])):
            if p.get("Coro"):
                parts.append(self.coroutine(f"{new}.{i}", p.get("Body", [])))
            elif task := self.slot(p.get("N", 0)):
                parts.append(task)
        if not parts:
            return "skipped"
        match o["Kind"]:
            case "gather":
                return " ".join(map(str, await asyncio.gather(*parts)))
            case "settle":
                return " ".join(map(outcome, await asyncio.gather(*parts, return_exceptions=True)))
            case "race":
                return str(await reference.race(*parts))


def main():
    reference.turn_on({name for name in sys.argv[1].split(",") if name})
    sys.unraisablehook = lambda unraisable: None  # tasks that are left over do not want to end
    with open(sys.argv[2], encoding="utf-8") as file:
        programs = json.load(file)
    gc.disable()
    results = []
    for i, program in enumerate(programs):
        results.append(Run(program).result())
        if i % 100 == 0:
            gc.collect()  # what is left over of some programs
    json.dump(results, sys.stdout)


if __name__ == "__main__":
    main()
