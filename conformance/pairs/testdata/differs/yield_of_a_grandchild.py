"""asyncio cancels level by level: a sleep(0) two levels down is over before."""
import asyncio

async def grandchild():
    try:
        await asyncio.sleep(0)
        print("the grandchild has had its turn")
    except asyncio.CancelledError:
        print("the grandchild is cancelled")
        raise

async def bad():
    raise ValueError

async def main():
    try:
        async with asyncio.TaskGroup() as outer:
            outer.create_task(bad())
            async with asyncio.TaskGroup() as inner:
                inner.create_task(grandchild())
    except* ValueError:
        print("failed")

asyncio.run(main())
