"""A cancelled gather cancels its children, waits for them, and ends cancelled even if they swallow it."""
import asyncio

async def child(name, swallow):
    try:
        await asyncio.sleep(1)
    except asyncio.CancelledError:
        print(name, "swallows it" if swallow else "cancelled")
        if not swallow:
            raise
        return name

async def gatherer(settled, *swallow):
    try:
        await asyncio.gather(*(child(f"c{i}", s) for i, s in enumerate(swallow)), return_exceptions=settled)
        print("never")
    except asyncio.CancelledError:
        print("gather cancelled")
        raise

async def main():
    for settled in (False, True):
        for swallow in ((False, False), (True, True)):
            t = asyncio.create_task(gatherer(settled, *swallow))
            await asyncio.sleep(0.01)
            t.cancel()
            await asyncio.wait([t])
            print(settled, t.cancelled())

asyncio.run(main())
