"""What a body has open itself is cancelled before the children of its group."""
import asyncio

async def sleeper(name):
    try:
        await asyncio.sleep(1)
    except asyncio.CancelledError:
        print("  cancelled:", name)
        raise

async def plainly():
    await sleeper("body")

async def in_a_timeout():
    async with asyncio.timeout(5):
        await sleeper("body in a timeout")

async def in_a_group():
    async with asyncio.TaskGroup() as inner:
        inner.create_task(sleeper("inner child"))
        await sleeper("body in a group")

async def deep_inside():
    async with asyncio.timeout(5):
        async with asyncio.TaskGroup() as inner:
            inner.create_task(sleeper("inner child"))
            async with asyncio.timeout(5):
                await sleeper("body deep inside")

async def with_children(body):
    async with asyncio.TaskGroup() as tg:
        tg.create_task(sleeper("child"))
        await body()

async def main():
    for body in plainly, in_a_timeout, in_a_group, deep_inside:
        try:
            async with asyncio.timeout(0.02):
                await with_children(body)
        except TimeoutError:
            print(body.__name__, "timed out")
        task = asyncio.create_task(with_children(body))
        await asyncio.sleep(0.02)
        task.cancel()
        await asyncio.wait([task])
        print(body.__name__, "cancelled:", task.cancelled())

asyncio.run(main())
