"""asyncio cancels a task that has canceled itself, even if it has a value to return."""
import asyncio

async def generous():
    asyncio.current_task().cancel()
    return 5

async def main():
    task = asyncio.create_task(generous())
    await asyncio.wait([task])
    print("cancelled" if task.cancelled() else task.result())

asyncio.run(main())
