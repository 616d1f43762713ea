"""asyncio cancels level by level: a child of a child comes after the children."""
import asyncio

async def sleeper(name):
    try:
        await asyncio.sleep(1)
    except asyncio.CancelledError:
        print(name, "is cancelled")
        raise

async def child():
    async with asyncio.TaskGroup() as tg:
        tg.create_task(sleeper("the grandchild"))

async def main():
    try:
        async with asyncio.timeout(0.02):
            async with asyncio.TaskGroup() as tg:
                tg.create_task(child())
                tg.create_task(sleeper("the second child"))
    except TimeoutError:
        print("timeout")

asyncio.run(main())
