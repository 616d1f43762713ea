"""One task awaited by a task, a gather, a wait, a shield and a callback: who hears of its end when."""
import asyncio

async def main():
    async def source():
        await asyncio.sleep(0.01)
        print("source ends")
        return 1

    s = asyncio.create_task(source())

    async def report(name, make):
        await make()
        print(name)

    ts = [
        asyncio.create_task(report("gather", lambda: asyncio.gather(s))),
        asyncio.create_task(report("await", lambda: s)),
        asyncio.create_task(report("wait", lambda: asyncio.wait([s]))),
        asyncio.create_task(report("shield", lambda: asyncio.shield(s))),
    ]
    await asyncio.sleep(0)
    s.add_done_callback(lambda s: print("callback"))
    ts.append(asyncio.create_task(report("late await", lambda: s)))
    await asyncio.wait(ts)

asyncio.run(main())
