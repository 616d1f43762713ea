"""A barrier that is reset breaks its waiters and works again; aborted it stays broken."""
import asyncio

async def main():
    bar = asyncio.Barrier(2)

    async def party(name):
        try:
            await bar.wait()
            print(name, "passes")
        except asyncio.BrokenBarrierError:
            print(name, "broken")

    a = asyncio.create_task(party("a"))
    await asyncio.sleep(0)
    print("waiting", bar.n_waiting)
    await bar.reset()
    await a
    await asyncio.gather(party("b"), party("c"))
    d = asyncio.create_task(party("d"))
    await asyncio.sleep(0)
    await bar.abort()
    await d
    await party("e")
    print(bar.broken)

asyncio.run(main())
