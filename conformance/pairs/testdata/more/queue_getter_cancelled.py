"""A cancelled getter takes nothing with it; the next one gets the item."""
import asyncio

async def main():
    q = asyncio.Queue()

    async def getter(name):
        try:
            print(name, "got", await q.get())
        except asyncio.CancelledError:
            print(name, "cancelled")
            raise

    ts = [asyncio.create_task(getter(n)) for n in "abc"]
    await asyncio.sleep(0)
    ts[0].cancel()
    await asyncio.sleep(0.01)
    q.put_nowait(1)
    q.put_nowait(2)
    q.put_nowait(3)
    await asyncio.wait(ts)
    print(q.qsize())

asyncio.run(main())
