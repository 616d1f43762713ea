"""Leaving an as_completed loop leaves the rest running."""
import asyncio

async def job(name, delay):
    await asyncio.sleep(delay)
    print(name, "ends")
    return name

async def main():
    ts = [asyncio.create_task(job(n, d)) for n, d in (("a", 0.03), ("b", 0.01), ("c", 0.02))]
    for nxt in asyncio.as_completed(ts):
        print("first", await nxt)
        break
    print([t.done() for t in ts])
    await asyncio.wait(ts)
    print([t.result() for t in ts])

asyncio.run(main())
