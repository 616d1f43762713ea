"""Awaiting what is done does not yield."""
import asyncio

async def quick():
    return 3

async def main():
    loop = asyncio.get_running_loop()
    t = asyncio.create_task(quick())
    await asyncio.sleep(0)
    print("done", t.done())
    loop.call_soon(print, "callback")
    print("got", await t)
    print("and again", await t)
    fut = loop.create_future()
    fut.set_result(4)
    print("future", await fut)
    await asyncio.sleep(0)
    print("end")

asyncio.run(main())
