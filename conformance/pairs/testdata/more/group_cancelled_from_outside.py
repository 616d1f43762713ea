"""Cancelling a task with a group cancels all, waits for the cleanup, and errors of it have priority."""
import asyncio

async def child(name, cleanup, fail):
    try:
        await asyncio.sleep(1)
    finally:
        await asyncio.sleep(cleanup)
        print(name, "is clean")
        if fail:
            raise ValueError(name)

async def parent(fail):
    async with asyncio.TaskGroup() as tg:
        tg.create_task(child("slow", 0.03, False))
        tg.create_task(child("quick", 0.01, fail))
        await asyncio.sleep(1)

async def main():
    for fail in (False, True):
        t = asyncio.create_task(parent(fail))
        await asyncio.sleep(0.01)
        t.cancel()
        await asyncio.wait([t])
        print(t.cancelled(), [] if t.cancelled() else [str(e) for e in t.exception().exceptions])

asyncio.run(main())
