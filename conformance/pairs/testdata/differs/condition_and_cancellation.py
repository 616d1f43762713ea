"""asyncio's Condition wakes one more task because one was canceled, which had not been notified."""
import asyncio

async def waiter(condition, name):
    async with condition:
        try:
            await condition.wait()
            print(name, "woken")
        except asyncio.CancelledError:
            print(name, "cancelled")
            raise

async def main():
    condition = asyncio.Condition()
    first = asyncio.create_task(waiter(condition, "first"))
    second = asyncio.create_task(waiter(condition, "second"))
    await asyncio.sleep(0.01)
    first.cancel()
    await asyncio.sleep(0.01)
    print("second is done:", second.done())
    second.cancel()
    await asyncio.wait([second])

asyncio.run(main())
