"""Readers share, writers do not: a lock made of a condition."""
import asyncio

async def main():
    cond = asyncio.Condition()
    readers, writing = 0, False

    async def read(n, delay):
        nonlocal readers
        async with cond:
            await cond.wait_for(lambda: not writing)
            readers += 1
        print("read", n, readers)
        await asyncio.sleep(delay)
        async with cond:
            readers -= 1
            print("read end", n)
            cond.notify_all()

    async def write(n, delay):
        nonlocal writing
        async with cond:
            await cond.wait_for(lambda: not writing and readers == 0)
            writing = True
        print("write", n, readers)
        await asyncio.sleep(delay)
        async with cond:
            writing = False
            print("write end", n)
            cond.notify_all()

    async with asyncio.TaskGroup() as tg:
        tg.create_task(read(1, 0.02))
        tg.create_task(write(1, 0.02))
        tg.create_task(read(2, 0.06))
        await asyncio.sleep(0.01)
        tg.create_task(write(2, 0.02))
        tg.create_task(read(3, 0.03))

asyncio.run(main())
