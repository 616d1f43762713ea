"""A timeout around a group ends the group, its children, and is one TimeoutError."""
import asyncio

async def child(name, delay):
    try:
        await asyncio.sleep(delay)
        print(name, "ends")
    except asyncio.CancelledError:
        print(name, "cancelled")
        raise

async def main():
    try:
        async with asyncio.timeout(0.02):
            async with asyncio.TaskGroup() as tg:
                tg.create_task(child("quick", 0.01))
                tg.create_task(child("slow", 1))
    except TimeoutError:
        print("timed out")
    try:
        async with asyncio.TaskGroup() as tg:
            tg.create_task(child("other", 1))
            async with asyncio.timeout(0.01):
                await asyncio.sleep(1)
    except* TimeoutError as eg:
        print("timeout in the group", len(eg.exceptions))

asyncio.run(main())
