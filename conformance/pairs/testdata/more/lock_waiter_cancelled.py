"""A cancelled waiter leaves the line of a lock; the next one gets it."""
import asyncio

async def main():
    lock = asyncio.Lock()

    async def use(name, delay):
        try:
            async with lock:
                print(name, "has it")
                await asyncio.sleep(delay)
        except asyncio.CancelledError:
            print(name, "cancelled")
            raise

    ts = [asyncio.create_task(use(n, d)) for n, d in (("a", 0.02), ("b", 1), ("c", 0.01), ("d", 1))]
    await asyncio.sleep(0.01)
    ts[1].cancel()
    await asyncio.wait(ts[:3])
    print(lock.locked())
    await asyncio.sleep(0.01)
    ts[3].cancel()
    await asyncio.wait(ts)
    print(lock.locked())

asyncio.run(main())
