"""A task given twice to gather runs once and appears twice."""
import asyncio

async def work(name):
    print(name, "runs")
    await asyncio.sleep(0.01)
    return name

async def main():
    t = asyncio.create_task(work("t"))
    print(await asyncio.gather(t, work("u"), t))
    print(await asyncio.gather(t, t))

asyncio.run(main())
