"""An error of the body cancels the children and comes last in the group's errors."""
import asyncio

async def child(name, fail):
    try:
        await asyncio.sleep(1)
    except asyncio.CancelledError:
        print(name, "cancelled")
        if fail:
            raise ValueError(name)
        raise

async def main():
    try:
        async with asyncio.TaskGroup() as tg:
            tg.create_task(child("a", False))
            b = tg.create_task(child("b", True))
            await asyncio.sleep(0.01)
            b.cancel()
            await asyncio.sleep(0)
            raise KeyError("body")
    except* (ValueError, KeyError) as eg:
        print([type(e).__name__ for e in eg.exceptions])
    try:
        async with asyncio.TaskGroup() as tg:
            tg.create_task(child("never starts", True))
            raise KeyError("body")
    except* KeyError as eg:
        print([type(e).__name__ for e in eg.exceptions])

asyncio.run(main())
