"""wait_for with no time: a finished task gives its result, a running one is cancelled."""
import asyncio

async def quick():
    return "quick"

async def stubborn():
    try:
        await asyncio.sleep(1)
    except asyncio.CancelledError:
        return "stubborn value"

async def main():
    t = asyncio.create_task(quick())
    await asyncio.sleep(0)
    print(await asyncio.wait_for(t, 0))
    s = asyncio.create_task(stubborn())
    await asyncio.sleep(0)
    print(await asyncio.wait_for(s, -1))
    fut = asyncio.get_running_loop().create_future()
    try:
        await asyncio.wait_for(fut, 0)
    except TimeoutError:
        print("timeout", fut.cancelled())
    n = asyncio.create_task(quick())
    try:
        await asyncio.wait_for(n, 0)
    except TimeoutError:
        print("never began", n.cancelled())

asyncio.run(main())
