"""Cancelling a future is immediate; its awaiters end cancelled, in order, among its callbacks."""
import asyncio

async def main():
    loop = asyncio.get_running_loop()
    fut = loop.create_future()

    async def awaiter(name):
        try:
            await fut
        except asyncio.CancelledError:
            print(name, "cancelled")
            raise

    a = asyncio.create_task(awaiter("a"))
    await asyncio.sleep(0)
    fut.add_done_callback(lambda f: print("callback", f.cancelled()))
    b = asyncio.create_task(awaiter("b"))
    await asyncio.sleep(0)
    print("cancel", fut.cancel(), fut.done(), fut.cancelled())
    print("tasks", a.done(), b.done())
    await asyncio.wait([a, b])
    print("tasks", a.cancelled(), b.cancelled())

asyncio.run(main())
