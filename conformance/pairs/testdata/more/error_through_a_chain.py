"""An error travels through a chain of tasks, one pass for each."""
import asyncio

async def level(n):
    try:
        if n == 0:
            await asyncio.sleep(0)
            raise OSError("at the bottom")
        await asyncio.create_task(level(n - 1))
    except OSError as e:
        print("level", n, e)
        raise

async def ticker():
    for i in range(9):
        print("tick", i)
        await asyncio.sleep(0)

async def main():
    t = asyncio.create_task(ticker())
    try:
        await level(3)
    except OSError as e:
        print("main", e)
    await t

asyncio.run(main())
