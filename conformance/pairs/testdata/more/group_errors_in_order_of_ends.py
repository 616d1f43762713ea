"""A group's errors come in the order in which its children ended, those of the cleanup too."""
import asyncio

async def child(name, delay, cleanup):
    try:
        await asyncio.sleep(delay)
    except asyncio.CancelledError:
        await asyncio.sleep(cleanup)
        raise ValueError(name + " in cleanup")
    raise ValueError(name)

async def main():
    try:
        async with asyncio.TaskGroup() as tg:
            tg.create_task(child("a", 1, 0.02))
            tg.create_task(child("b", 1, 0.01))
            tg.create_task(child("c", 0.01, 0))
    except ExceptionGroup as eg:
        print([str(e) for e in eg.exceptions])

asyncio.run(main())
