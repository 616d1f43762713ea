"""A child of a group that is cancelled alone is neither an error nor the end of the others."""
import asyncio

async def child(name, delay):
    try:
        await asyncio.sleep(delay)
        print(name, "ends")
    except asyncio.CancelledError:
        print(name, "cancelled")
        raise

async def main():
    async with asyncio.TaskGroup() as tg:
        a = tg.create_task(child("a", 1))
        b = tg.create_task(child("b", 0.02))
        await asyncio.sleep(0.01)
        a.cancel()
    print("group ends", a.cancelled(), b.cancelled())

asyncio.run(main())
