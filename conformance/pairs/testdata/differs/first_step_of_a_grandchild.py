"""asyncio cancels level by level: what is two levels down has its first step before."""
import asyncio

async def grandchild():
    print("the grandchild begins")
    try:
        await asyncio.sleep(1)
    except asyncio.CancelledError:
        print("the grandchild is cancelled")
        raise

async def child():
    async with asyncio.TaskGroup() as tg:
        tg.create_task(grandchild())

async def main():
    task = asyncio.create_task(child())
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait([task])
    print("the child is cancelled", task.cancelled())

asyncio.run(main())
