"""Cancelling a wait leaves alone what it waits for."""
import asyncio

async def job(name):
    await asyncio.sleep(0.02)
    print(name, "ends")

async def waiter(ts):
    try:
        await asyncio.wait(ts)
    except asyncio.CancelledError:
        print("waiter cancelled")
        raise

async def main():
    ts = [asyncio.create_task(job(n)) for n in "ab"]
    w = asyncio.create_task(waiter(ts))
    await asyncio.sleep(0.01)
    w.cancel()
    await asyncio.wait([w])
    print([t.done() for t in ts], w.cancelled())
    await asyncio.wait(ts)
    print([t.cancelled() for t in ts])

asyncio.run(main())
