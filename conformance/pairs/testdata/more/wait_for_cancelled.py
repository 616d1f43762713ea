"""Cancelling wait_for cancels what it waits for and waits for its end."""
import asyncio

async def inner():
    try:
        await asyncio.sleep(1)
    finally:
        await asyncio.sleep(0.01)
        print("inner over")

async def outer(wrap):
    try:
        await asyncio.wait_for(wrap(inner()), 1)
    except asyncio.CancelledError:
        print("outer cancelled")
        raise
    except TimeoutError:
        print("never")

async def main():
    for wrap in (lambda c: c, asyncio.create_task):
        t = asyncio.create_task(outer(wrap))
        await asyncio.sleep(0.01)
        t.cancel()
        await asyncio.wait([t])
        print(t.cancelled())

asyncio.run(main())
