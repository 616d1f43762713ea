"""Children add siblings while the group waits; it ends when the last has ended."""
import asyncio

async def node(tg, name, depth):
    print("start", name)
    await asyncio.sleep(0)
    if depth:
        for side in "lr":
            tg.create_task(node(tg, name + side, depth - 1))
    print("end", name)

async def main():
    async with asyncio.TaskGroup() as tg:
        tg.create_task(node(tg, "n", 2))
        print("body ends")
    print("group ends")

asyncio.run(main())
