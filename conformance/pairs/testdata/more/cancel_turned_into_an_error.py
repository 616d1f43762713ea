"""A task that answers its cancellation with another error has failed, it is not cancelled."""
import asyncio

async def work():
    try:
        await asyncio.sleep(1)
    except asyncio.CancelledError:
        raise RuntimeError("could not clean up")

async def main():
    t = asyncio.create_task(work())
    await asyncio.sleep(0)
    t.cancel()
    try:
        await t
    except RuntimeError as e:
        print("failed:", e)
    print(t.done(), t.cancelled())

asyncio.run(main())
