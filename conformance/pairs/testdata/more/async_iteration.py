"""An iterator that waits between its items, left early, and cancelled in between."""
import asyncio

async def countdown(name, n):
    try:
        while n:
            await asyncio.sleep(0.01)
            yield n
            n -= 1
    finally:
        print(name, "iterator ends")

async def reader(name, n):
    async for i in countdown(name, n):
        print(name, i)
    print(name, "all read")

async def main():
    await reader("a", 2)
    await asyncio.gather(reader("b", 1), reader("c", 2))
    t = asyncio.create_task(reader("d", 9))
    await asyncio.sleep(0.025)
    t.cancel()
    await asyncio.wait([t])
    print(t.cancelled())

asyncio.run(main())
