"""A cancelled awaiter cancels the future it waits for: the one who would set it finds it done."""
import asyncio

async def main():
    loop = asyncio.get_running_loop()
    fut = loop.create_future()

    async def awaiter():
        await fut

    async def setter():
        await asyncio.sleep(0.02)
        try:
            fut.set_result(1)
        except asyncio.InvalidStateError:
            print("too late", fut.cancelled())

    a, s = asyncio.create_task(awaiter()), asyncio.create_task(setter())
    await asyncio.sleep(0.01)
    print("cancel", a.cancel(), fut.done())
    await asyncio.wait([a])
    print("awaiter", a.cancelled())
    await s

asyncio.run(main())
