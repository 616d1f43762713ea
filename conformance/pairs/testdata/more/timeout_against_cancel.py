"""A cancellation from outside is not turned into a timeout, an expired timeout is."""
import asyncio

async def work(delay):
    try:
        async with asyncio.timeout(delay):
            await asyncio.sleep(1)
    except TimeoutError:
        print("timed out")
    except asyncio.CancelledError:
        print("cancelled")
        raise

async def main():
    for delay in (0.01, 0.05):
        t = asyncio.create_task(work(delay))
        await asyncio.sleep(0.03)
        print("cancel", t.cancel())
        await asyncio.wait([t])
        print(t.cancelled())

asyncio.run(main())
