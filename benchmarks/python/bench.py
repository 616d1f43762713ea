"""The subjects as asyncio programs, for comparison.

    bench.py LOOP SUBJECT BUDGET  one turn of about BUDGET seconds, as JSON

Each function does its operation n times and checks that it was done. Only
turns on one machine, in one run, are compared. Imports and the start of the
interpreter are not in the time, and neither are calibration runs.
"""

import asyncio
import json
import sys
import time

BATCH = 1000


def batches(n):
    while n > 0:
        yield min(n, BATCH)
        n -= BATCH


async def yields(n, tasks):
    done = 0

    async def give_way(times):
        nonlocal done
        for _ in range(times):
            await asyncio.sleep(0)
            done += 1

    shares = [n * (i + 1) // tasks - n * i // tasks for i in range(tasks)]
    await asyncio.gather(*map(give_way, shares))
    assert done == n


async def yield_1(n):
    for _ in range(n):
        await asyncio.sleep(0)


async def yield_2(n):
    await yields(n, 2)


async def yield_10(n):
    await yields(n, 10)


async def yield_100(n):
    await yields(n, 100)


async def one():
    return 1


async def spawn(n):
    total = 0
    for size in batches(n):
        tasks = [asyncio.create_task(one()) for _ in range(size)]
        for task in tasks:
            total += await task
    assert total == n


async def number(i):
    return i


async def number_later(i):
    await asyncio.sleep(0)
    return i


async def gathers(n, member):
    for size in batches(n):
        got = await asyncio.gather(*[member(i) for i in range(size)])
        assert sum(got) == size * (size - 1) // 2


async def gather(n):
    await gathers(n, number)


async def gather_yield(n):
    await gathers(n, number_later)


async def task_group(n):
    async def fill(slots, i):
        slots[i] = i

    for size in batches(n):
        slots = [0] * size
        async with asyncio.TaskGroup() as group:
            for i in range(size):
                group.create_task(fill(slots, i))
        assert sum(slots) == size * (size - 1) // 2


async def call_soon_chain(n):
    loop = asyncio.get_running_loop()
    end = loop.create_future()
    ran = 0

    def step():
        nonlocal ran
        ran += 1
        if ran < n:
            loop.call_soon(step)
        else:
            end.set_result(ran)

    loop.call_soon(step)
    assert await end == n


async def call_soon_burst(n):
    loop = asyncio.get_running_loop()
    ran = 0

    def count():
        nonlocal ran
        ran += 1

    for size in batches(n):
        for _ in range(size):
            loop.call_soon(count)
        await asyncio.sleep(0)
    assert ran == n


async def ping_pong(n):
    loop = asyncio.get_running_loop()
    ping, pong = loop.create_future(), None

    async def serve():
        nonlocal pong
        for i in range(n):
            pong = loop.create_future()
            ping.set_result(i)
            assert await pong == i + 1

    async def answer():
        nonlocal ping
        for _ in range(n):
            i = await ping
            ping = loop.create_future()
            pong.set_result(i + 1)

    await asyncio.gather(answer(), serve())


async def queue_ping_pong(n):
    ping, pong = asyncio.Queue(1), asyncio.Queue(1)

    async def serve():
        for i in range(n):
            await ping.put(i)
            assert await pong.get() == i + 1

    async def answer():
        for _ in range(n):
            await pong.put(await ping.get() + 1)

    await asyncio.gather(serve(), answer())


async def lock_hand_over(n):
    a, b = asyncio.Lock(), asyncio.Lock()
    await a.acquire()
    await b.acquire()
    handed = 0

    async def relay(mine, following):
        nonlocal handed
        for _ in range((n + 1) // 2):
            await mine.acquire()
            handed += 1
            following.release()

    both = asyncio.gather(relay(a, b), relay(b, a))
    a.release()
    await both
    assert handed >= n


async def timeout(n):
    entered = 0
    for _ in range(n):
        async with asyncio.timeout(3600):
            entered += 1
    assert entered == n


async def timer(n):
    loop = asyncio.get_running_loop()

    def nothing():
        pass

    for size in batches(n):
        timers = [loop.call_later(3600 + i * 7919 % BATCH, nothing) for i in range(size)]
        for handle in timers:
            handle.cancel()
        await asyncio.sleep(0)


async def to_thread(n):
    def work():
        return 1

    total = 0
    for _ in range(n):
        total += await asyncio.to_thread(work)
    assert total == n


def turn(loop, subject, n):
    if loop == "uvloop":
        import uvloop

        make = uvloop.new_event_loop
    else:
        make = asyncio.new_event_loop
    with asyncio.Runner(loop_factory=make) as runner:
        runner.run(asyncio.sleep(0))
        wall, cpu = time.perf_counter(), time.process_time()
        runner.run(subject(n))
        return time.perf_counter() - wall, time.process_time() - cpu


def measure(loop, subject, budget):
    n = 1
    while True:
        wall, cpu = turn(loop, subject, n)
        if wall >= budget * 0.75:
            return {"ops": n, "wall": wall, "cpu": cpu}
        n = max(n + 1, int(n * min(budget / max(wall, 1e-9), 100)))


def main(args):
    loop, subject, budget = args
    print(json.dumps(measure(loop, globals()[subject], float(budget))))


main(sys.argv[1:])
