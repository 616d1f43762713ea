"""A group that is cancelled when its last child has just ended is left at once."""
import asyncio

async def nothing():
    pass

async def leave(name):
    try:
        async with asyncio.TaskGroup() as tg:
            tg.create_task(nothing())
    except asyncio.CancelledError:
        print(name, "left its group, cancelled")
        raise
    print(name, "left its group")

async def ticks():
    for i in range(6):
        print("tick", i)
        await asyncio.sleep(0)

async def bad():
    raise ValueError

async def main():
    for passes in range(5):
        print("cancelled after", passes)
        a, b = asyncio.create_task(leave("a")), asyncio.create_task(leave("b"))
        ticking = asyncio.create_task(ticks())
        for _ in range(passes):
            await asyncio.sleep(0)
        print("cancel", a.cancel(), b.cancel())
        await asyncio.wait([a, b, ticking])
    try:
        async with asyncio.TaskGroup() as tg:
            tg.create_task(leave("sibling"))
            tg.create_task(bad())
            try:
                await asyncio.sleep(1)
            except asyncio.CancelledError:
                print("body cancelled")
                raise
    except* ValueError:
        print("failed")

asyncio.run(main())
