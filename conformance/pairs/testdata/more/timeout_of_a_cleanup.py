"""A cleanup that runs out of its own time is a failure, also when a timeout was what canceled its task."""
import asyncio

async def work():
    try:
        await asyncio.sleep(1)
    finally:
        async with asyncio.timeout(0.01):
            await asyncio.sleep(1)

async def main():
    for patience in (0.01, 0):
        t = asyncio.create_task(work())
        await asyncio.sleep(0)
        try:
            await asyncio.wait_for(t, patience)
        except TimeoutError:
            print("wait_for: timeout")
        print("task cancelled", t.cancelled())
    try:
        async with asyncio.timeout(0.01):
            async with asyncio.TaskGroup() as tg:
                t = tg.create_task(work())
    except* TimeoutError as eg:
        print("group:", len(eg.exceptions), type(eg.exceptions[0]).__name__)
    print("task cancelled", t.cancelled())

asyncio.run(main())
