"""Makes random programs about locks, queues and the like, carries them out with CPython's asyncio, prints both.

    python3 sync.py FIRST_SEED COUNT    makes COUNT programs
    python3 sync.py sync.json           carries out those of the file again

Like interpret.py, whose loop it takes; CPython 3.13 or later. Every cancellation and every timeout has a fraction of a
millisecond of its own, so that none meets a wake-up in one pass: what happens then is a known difference.
"""
import asyncio
import contextlib
import inspect
import json
import random
import sys
import textwrap
from asyncio import locks

from interpret import Run, Task, describe, make_definite, text

WAITS = ["yield", "sleep", "lock", "semaphore", "acquire", "event wait", "condition", "condition for", "barrier", "put", "get", "join",
         "await future", "timeout", "spawn", "eager", "gather"]
RARE = ["shut down", "reset", "abort", "cancel future"]
ACTIONS = RARE + 2 * ["set", "clear", "release", "try put", "try get", "task done", "notify", "count", "set future", "callback",
                      "remove callback", "later", "unlater"]


def make_conditions_exact():
    """Takes away that a canceled wait for a condition wakes one more task, which is a known difference, too."""
    source, old = textwrap.dedent(inspect.getsource(locks.Condition.wait)), "self._notify(1)"
    assert old in source
    exec(source.replace(old, "pass"), locks.__dict__)
    locks.Condition.wait = locks.__dict__.pop("wait")


class Generator:
    def __init__(self, seed):
        self.rng, self.ids, self.moments, self.left = random.Random(seed), 0, 0, 60

    def program(self):
        tasks = [self.body(2) for _ in range(self.rng.randint(3, 6))]
        cancels = [{"Time": self.moment(self.rng.randint(0, 12)), "N": self.rng.randint(2, 9)}
                   for _ in range(self.rng.choice((0, 0, 1, 2, 4)))]
        return {"Tasks": tasks, "Cancels": cancels}

    def moment(self, ms):
        """A time in microseconds that is no one else's."""
        self.moments += 1
        return 1000 * ms + 7 * self.moments

    def body(self, depth):
        ops = []
        for _ in range(self.rng.randint(1, 5)):
            if self.left > 0:
                ops.append(self.op(depth))
        return ops

    def op(self, depth):
        self.left -= 1
        self.ids += 1
        kind = self.rng.choice(WAITS if self.rng.random() < 0.6 else ACTIONS)
        o = {"ID": self.ids, "Kind": kind, "N": self.rng.randint(0, 11), "K": self.rng.randint(0, 3)}
        if kind in ("sleep", "later"):
            o["Time"] = 1000 * self.rng.randint(0, 4)
        if kind == "timeout":
            o["Time"] = self.moment(self.rng.randint(0, 6))
            o["Again"] = self.rng.choice((0, 0, -1, self.moment(self.rng.randint(0, 5))))
        if kind == "later":
            o["Body"] = [self.action()]
        if kind in ("lock", "semaphore", "condition", "timeout", "spawn", "eager"):
            o["Body"] = self.body(depth - 1) if depth > 0 else [self.action()]
        if kind == "gather":
            o["Parts"] = [self.body(depth - 1) if depth > 0 else [self.action()] for _ in range(self.rng.randint(1, 3))]
        return o

    def action(self):
        self.ids += 1
        kind = self.rng.choice([a for a in ACTIONS if "later" not in a])
        return {"ID": self.ids, "Kind": kind, "N": self.rng.randint(0, 11), "K": self.rng.randint(0, 3)}


class SyncRun(Run):
    unit, units = "us", 1e6

    def __init__(self, program):
        super().__init__({"Slots": 0})
        self.script, self.count, self.tasks = program, 0, {}
        self.locks = [asyncio.Lock(), asyncio.Lock()]
        self.semaphores = [asyncio.Semaphore(1), asyncio.Semaphore(2), asyncio.BoundedSemaphore(1), asyncio.Semaphore(0)]
        self.events = [asyncio.Event(), asyncio.Event()]
        self.conditions = [asyncio.Condition(), asyncio.Condition(self.locks[0])]
        self.barriers = [asyncio.Barrier(2), asyncio.Barrier(3)]
        self.queues = [asyncio.Queue(), asyncio.Queue(1), asyncio.Queue(2), asyncio.LifoQueue(2), asyncio.PriorityQueue(1)]
        self.handles, self.callbacks = {}, {}

    async def main(self):
        self.futures = [self.loop.create_future() for _ in range(3)]
        for ops in self.script["Tasks"]:
            self.spawn(ops, False)
        for c in self.script["Cancels"]:
            self.loop.call_later(c["Time"] / 1e6, self.cancel, c["N"])
        await asyncio.sleep(0.1)

    def cancel(self, n):
        self.note(f"cancel {n}: {text(n in self.tasks and self.tasks[n].cancel())}")

    def spawn(self, ops, eager):
        t = Task(self, self.ops(ops), loop=self.loop, eager_start=eager)
        self.tasks[t.number] = t
        return t

    async def ops(self, ops):
        for o in ops:
            what = "?"
            try:
                what = await self.op(o)
            except asyncio.CancelledError:
                what = "canceled"
                raise
            finally:
                self.note(f"task {asyncio.current_task().number}: {o['ID']} {o['Kind']} {o['N']}: {what}")

    async def op(self, o):
        n, body, seconds = o["N"], o.get("Body", []), o.get("Time", 0) / 1e6
        match o["Kind"]:
            case "yield":
                await asyncio.sleep(0)
            case "sleep":
                await asyncio.sleep(seconds)
            case "lock":
                async with self.locks[n % 2]:
                    await self.ops(body)
                return text(self.locks[n % 2].locked())
            case "semaphore":
                async with self.semaphores[n % 2]:
                    await self.ops(body)
                return text(self.semaphores[n % 2].locked())
            case "acquire":
                await self.semaphores[n % 4].acquire()
                return text(self.semaphores[n % 4].locked())
            case "event wait":
                await self.events[n % 2].wait()
            case "condition" | "condition for":
                c = self.conditions[n % 2]
                async with c:
                    if o["Kind"] == "condition":
                        await c.wait()
                    else:
                        await c.wait_for(lambda: self.count >= o["K"])
                    self.note(f"{o['ID']} woken")
                    await self.ops(body)
                return text(c.locked())
            case "barrier":
                b = self.barriers[n % 2]
                try:
                    i = await b.wait()
                    return "passed" if i else "first"
                except asyncio.BrokenBarrierError:
                    return "broken"
            case "put":
                try:
                    await self.queues[n % 5].put(o["ID"])
                except asyncio.QueueShutDown:
                    return "shut down"
                return str(self.queues[n % 5].qsize())
            case "get":
                try:
                    return f"got {await self.queues[n % 5].get()}"
                except asyncio.QueueShutDown:
                    return "shut down"
            case "join":
                await self.queues[n % 5].join()
            case "await future":
                return str(await self.futures[n % 3])
            case "timeout":
                return await self.timeout(o, body, seconds)
            case "spawn" | "eager":
                t = self.spawn(body, o["Kind"] == "eager")
                return text(t.done())
            case "gather":
                await asyncio.gather(*(self.spawn(ops, False) for ops in o["Parts"]), return_exceptions=True)
            case "reset":
                b = self.barriers[n % 2]
                await b.reset()
                return f"{b.n_waiting} {text(b.broken)}"
            case "abort":
                b = self.barriers[n % 2]
                await b.abort()
                return f"{b.n_waiting} {text(b.broken)}"
            case "notify":
                c = self.conditions[n % 2]
                async with c:
                    c.notify(o["K"]) if o["K"] else c.notify_all()
                return text(c.locked())
            case _:
                return self.act(o)
        return "ok"

    async def timeout(self, o, body, seconds):
        try:
            async with asyncio.timeout(seconds) as t:
                if o["Again"] < 0:
                    t.reschedule(None)
                elif o["Again"]:
                    t.reschedule(self.loop.time() + o["Again"] / 1e6)
                await self.ops(body)
        except TimeoutError:
            return f"timeout {text(t.expired())}"
        return f"ok {text(t.expired())}"

    def callback(self, o):
        self.note(f"callback: {o['ID']} {o['Kind']} {o['N']}: {self.act(o)}")

    def act(self, o):
        n, q, f = o["N"], self.queues[o["N"] % 5], self.futures[o["N"] % 3]
        match o["Kind"]:
            case "set":
                self.events[n % 2].set()
            case "clear":
                self.events[n % 2].clear()
            case "release":
                with contextlib.suppress(ValueError):
                    self.semaphores[n % 4].release()
                    return text(self.semaphores[n % 4].locked())
                return "misuse"
            case "try put":
                try:
                    q.put_nowait(o["ID"])
                except asyncio.QueueFull:
                    return "full"
                except asyncio.QueueShutDown:
                    return "shut down"
                return str(q.qsize())
            case "try get":
                try:
                    return f"got {q.get_nowait()}"
                except asyncio.QueueEmpty:
                    return "empty"
                except asyncio.QueueShutDown:
                    return "shut down"
            case "task done":
                with contextlib.suppress(ValueError):
                    q.task_done()
                    return "ok"
                return "misuse"
            case "shut down":
                q.shutdown(immediate=o["K"] == 0)
                return f"{q.qsize()} {text(q.empty())} {text(q.full())}"
            case "count":
                self.count += 1
                return str(self.count)
            case "set future":
                if f.done():
                    return "invalid state"
                f.set_result(o["ID"])
            case "cancel future":
                return text(f.cancel())
            case "callback":
                fn = lambda f: self.note(f"callback {o['ID']}: {text(f.cancelled())}")
                self.callbacks[o["K"]] = f, fn
                f.add_done_callback(fn)
            case "remove callback":
                if o["K"] not in self.callbacks:
                    return "none"
                f, fn = self.callbacks.pop(o["K"])
                return text(f.remove_done_callback(fn))
            case "later":
                self.handles[o["K"]] = self.loop.call_later(o["Time"] / 1e6, self.callback, o["Body"][0])
            case "unlater":
                if o["K"] not in self.handles:
                    return "none"
                self.handles[o["K"]].cancel()
                return text(self.handles[o["K"]].cancelled())
            case "reset" | "abort" | "notify":
                return "skipped"
            case other:
                raise SystemError(other)
        return "ok"


def programs(args):
    if len(args) == 1:
        with open(args[0], encoding="utf-8") as file:
            return [recorded["Program"] for recorded in json.load(file)]
    first, count = map(int, args)
    return [Generator(seed).program() for seed in range(first, first + count)]


if __name__ == "__main__":
    make_definite()
    make_conditions_exact()
    json.dump([{"Program": p, "Trace": SyncRun(p).result()} for p in programs(sys.argv[1:])], sys.stdout)
