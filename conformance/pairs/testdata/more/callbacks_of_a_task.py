"""Done callbacks of a task and its awaiters wake in the order in which they registered."""
import asyncio

async def work():
    print("work")
    await asyncio.sleep(0)
    print("work ends")
    return 5

async def main():
    t = asyncio.create_task(work())
    t.add_done_callback(lambda t: print("callback 1", t.result()))

    async def awaiter(name):
        print(name, await t)

    a = asyncio.create_task(awaiter("a"))
    await asyncio.sleep(0)
    t.add_done_callback(lambda t: print("callback 2", t.done(), t.cancelled()))
    b = asyncio.create_task(awaiter("b"))
    await asyncio.gather(a, b)
    t.add_done_callback(lambda t: print("late callback"))
    print("added")
    await asyncio.sleep(0)
    print("end")

asyncio.run(main())
