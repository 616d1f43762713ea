"""A timer cancels a task; a child cancels the parent that awaits it."""
import asyncio

async def sleeper():
    try:
        await asyncio.sleep(1)
    except asyncio.CancelledError:
        print("sleeper cancelled")
        raise

async def child(parents):
    try:
        await asyncio.sleep(0)
        print("child cancels its parent", parents[0].cancel())
        await asyncio.sleep(0)
        print("never")
    except asyncio.CancelledError:
        print("child cancelled with it")
        raise

async def parent(parents):
    try:
        await asyncio.create_task(child(parents))
    except asyncio.CancelledError:
        print("parent cancelled")
        raise

async def main():
    loop = asyncio.get_running_loop()
    s = asyncio.create_task(sleeper())
    loop.call_later(0.01, s.cancel)
    await asyncio.wait([s])
    parents = []
    p = asyncio.create_task(parent(parents))
    parents.append(p)
    await asyncio.wait([p])
    print(s.cancelled(), p.cancelled())

asyncio.run(main())
