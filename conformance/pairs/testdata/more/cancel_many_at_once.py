"""Tasks that are cancelled in one step end in the order in which they were cancelled."""
import asyncio

async def sleeper(n):
    try:
        await asyncio.sleep(1)
    except asyncio.CancelledError:
        print("end", n)
        raise

async def main():
    ts = [asyncio.create_task(sleeper(n)) for n in range(6)]
    await asyncio.sleep(0)
    for n in (3, 1, 5, 0, 4, 2):
        ts[n].cancel()
    print("all asked", [t.done() for t in ts])
    await asyncio.wait(ts)
    print([t.cancelled() for t in ts])

asyncio.run(main())
