"""At which tick a cancellation is seen: by a sleeper, by its awaiter, by a gather over it."""
import asyncio

async def seen(name, make):
    try:
        await make()
    except asyncio.CancelledError:
        print(name, "sees it")
        raise

async def trial(name, make):
    print("trial", name)
    loop = asyncio.get_running_loop()
    t = asyncio.create_task(seen(name, make))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    running = True

    def tick(n):
        if running:
            print("tick", n)
            loop.call_soon(tick, n + 1)

    t.cancel()
    loop.call_soon(tick, 1)
    await asyncio.wait([t])
    running = False
    await asyncio.sleep(0)

async def main():
    loop = asyncio.get_running_loop()

    async def task():
        await asyncio.create_task(seen("child", lambda: asyncio.sleep(1)))

    async def gather():
        await asyncio.gather(seen("one", lambda: asyncio.sleep(1)), seen("two", lambda: asyncio.sleep(2)))

    async def wait():
        await asyncio.wait([asyncio.create_task(asyncio.sleep(0.05))])

    async def shield():
        await asyncio.shield(asyncio.create_task(asyncio.sleep(0.05)))

    async def timeout():
        async with asyncio.timeout(1):
            await asyncio.sleep(1)

    await trial("sleep", lambda: asyncio.sleep(1))
    await trial("future", loop.create_future)
    await trial("task", task)
    await trial("gather", gather)
    await trial("wait", wait)
    await trial("shield", shield)
    await trial("timeout", timeout)

asyncio.run(main())
