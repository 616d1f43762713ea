"""gather over futures, tasks and coroutines together."""
import asyncio

async def work(n):
    await asyncio.sleep(n * 0.01)
    return n

async def main():
    loop = asyncio.get_running_loop()
    fut = loop.create_future()
    loop.call_later(0.02, fut.set_result, 2)
    t = asyncio.create_task(work(3))
    print(await asyncio.gather(work(1), fut, t))
    bad = loop.create_future()
    loop.call_soon(bad.set_exception, KeyError("key"))
    try:
        await asyncio.gather(work(1), bad)
    except KeyError as e:
        print("caught", e.args[0])

asyncio.run(main())
