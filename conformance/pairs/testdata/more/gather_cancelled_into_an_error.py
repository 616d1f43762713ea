"""A cancelled gather raises the error of a child that fails before one ends cancelled."""
import asyncio

async def turning_bad():
    try:
        await asyncio.sleep(1)
    except asyncio.CancelledError:
        raise ValueError("in the cleanup")

async def obeying():
    await asyncio.sleep(1)

async def outcome(*coros):
    async def gathering():
        return await asyncio.gather(*coros)
    task = asyncio.create_task(gathering())
    await asyncio.sleep(0.01)
    task.cancel()
    try:
        print("returned", await task)
    except asyncio.CancelledError:
        print("cancelled", task.cancelled())
    except ValueError as e:
        print("failed", e, task.cancelled())

async def main():
    await outcome(turning_bad(), obeying())
    await outcome(obeying(), turning_bad())
    await outcome(turning_bad())

asyncio.run(main())
