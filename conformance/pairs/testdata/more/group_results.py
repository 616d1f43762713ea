"""A group waits for all its children; their results are there afterwards."""
import asyncio

async def job(n):
    await asyncio.sleep(n * 0.01)
    print("job", n)
    return n * n

async def main():
    async with asyncio.TaskGroup() as tg:
        ts = [tg.create_task(job(n)) for n in (3, 1, 2)]
        print("body ends", [t.done() for t in ts])
    print([t.result() for t in ts])

asyncio.run(main())
