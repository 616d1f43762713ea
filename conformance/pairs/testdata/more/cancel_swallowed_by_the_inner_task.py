"""An awaited task that swallows the cancellation and returns gives its value to the awaiter."""
import asyncio

async def stubborn():
    try:
        await asyncio.sleep(1)
    except asyncio.CancelledError:
        print("stubborn swallows it")
    return "value"

async def awaiter(t):
    try:
        got = await t
        print("awaiter got", got)
        return got
    except asyncio.CancelledError:
        print("awaiter cancelled")
        raise

async def main():
    t = asyncio.create_task(stubborn())
    a = asyncio.create_task(awaiter(t))
    await asyncio.sleep(0.01)
    a.cancel()
    await asyncio.wait([a, t])
    print(t.cancelled(), t.result(), a.cancelled(), a.result())

asyncio.run(main())
