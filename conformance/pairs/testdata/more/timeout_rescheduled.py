"""A timeout can be moved, taken away and given back while its body runs."""
import asyncio

async def main():
    loop = asyncio.get_running_loop()
    async with asyncio.timeout(0.01) as t:
        t.reschedule(loop.time() + 0.03)
        await asyncio.sleep(0.02)
        print("moved", t.expired())
        t.reschedule(None)
        print("no deadline", t.when())
        await asyncio.sleep(0.03)
    print("left", t.expired())
    try:
        async with asyncio.timeout(None) as t:
            await asyncio.sleep(0.01)
            t.reschedule(loop.time() - 1)
            print("in the past", t.expired())
            await asyncio.sleep(1)
            print("never")
    except TimeoutError:
        print("timed out", t.expired())

asyncio.run(main())
