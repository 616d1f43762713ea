"""A timeout whose time comes when its task has just been cancelled has expired as well; the cancellation wins."""
import asyncio

async def nested(when):
    try:
        async with asyncio.timeout_at(when) as outer:
            try:
                async with asyncio.timeout_at(when) as inner:
                    await asyncio.sleep(5)
            except asyncio.CancelledError:
                print("inner cancelled", outer.expired(), inner.expired())
                raise
    except TimeoutError:
        print("outer timed out", outer.expired(), inner.expired())

async def limited(when):
    try:
        async with asyncio.timeout_at(when) as limit:
            await asyncio.sleep(5)
    finally:
        print("left", limit.expired())

async def main():
    loop = asyncio.get_running_loop()
    await nested(loop.time() + 0.01)
    when = loop.time() + 0.01
    loop.call_at(when, lambda: print("cancel", t.cancel()))
    t = asyncio.create_task(limited(when))
    await asyncio.wait([t])
    print("cancelled", t.cancelled())
    # cancelled before, and left before the time
    t = asyncio.create_task(limited(loop.time() + 0.03))
    await asyncio.sleep(0.01)
    t.cancel()
    await asyncio.wait([t])
    print("cancelled", t.cancelled())

asyncio.run(main())
