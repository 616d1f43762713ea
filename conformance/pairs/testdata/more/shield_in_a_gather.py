"""A cancelled gather does not reach through a shield."""
import asyncio

async def work(name):
    try:
        await asyncio.sleep(0.03)
        print(name, "ends")
    except asyncio.CancelledError:
        print(name, "cancelled")
        raise

async def gatherer(t):
    try:
        await asyncio.gather(asyncio.shield(t), work("bare"))
    except asyncio.CancelledError:
        print("gather cancelled")
        raise

async def main():
    t = asyncio.create_task(work("shielded"))
    g = asyncio.create_task(gatherer(t))
    await asyncio.sleep(0.01)
    g.cancel()
    await asyncio.wait([g])
    print(t.done(), g.cancelled())
    await t

asyncio.run(main())
