"""An expired timeout cancels the task, the gather, the future that its body waits for."""
import asyncio

async def sleeper(name):
    try:
        await asyncio.sleep(1)
    except asyncio.CancelledError:
        print(name, "cancelled")
        raise

async def limited(name, make):
    try:
        async with asyncio.timeout(0.01):
            await make()
    except TimeoutError:
        print(name, "timed out")

async def main():
    t = asyncio.create_task(sleeper("task"))
    await limited("task", lambda: t)
    print(t.cancelled())
    await limited("gather", lambda: asyncio.gather(sleeper("g1"), sleeper("g2")))
    fut = asyncio.get_running_loop().create_future()
    await limited("future", lambda: fut)
    print(fut.cancelled())
    u = asyncio.create_task(sleeper("shielded"))
    await limited("shield", lambda: asyncio.shield(u))
    print(u.done())
    v = asyncio.create_task(sleeper("waited"))
    await limited("wait", lambda: asyncio.wait([v]))
    print(v.done())
    u.cancel()
    v.cancel()
    await asyncio.wait([u, v])

asyncio.run(main())
