"""A timeout is moved by callbacks and by other tasks while its body sleeps."""
import asyncio

async def main():
    loop = asyncio.get_running_loop()
    box = []

    async def limited(delay, work):
        try:
            async with asyncio.timeout(delay) as t:
                box.append(t)
                await asyncio.sleep(work)
            print("in time", t.expired(), t.when())
        except TimeoutError:
            print("timed out", t.expired())

    def move(when):
        print("moved", box[-1].expired())
        box[-1].reschedule(when)

    task = asyncio.create_task(limited(1, 5))
    await asyncio.sleep(0)
    start = loop.time()
    move(start + 0.02)
    loop.call_later(0.01, move, start + 0.05)
    loop.call_later(0.03, lambda: print("still there", task.done(), box[-1].expired()))
    await task
    print(loop.time() - start > 0.04, box[-1].when() == start + 0.05)
    task = asyncio.create_task(limited(None, 0.03))
    await asyncio.sleep(0)
    move(loop.time() + 0.02)
    await asyncio.sleep(0.01)
    move(None)
    await task
    task = asyncio.create_task(limited(1, 5))
    await asyncio.sleep(0)
    move(loop.time() - 1)
    for _ in range(3):
        print("pass", task.done(), box[-1].expired())
        await asyncio.sleep(0)
    await task

asyncio.run(main())
