"""Four tasks wait for the same futures, each until something else."""
import asyncio

async def main():
    loop = asyncio.get_running_loop()
    fs = [loop.create_future() for _ in range(4)]

    async def waiter(name, when, timeout=None):
        done, pending = await asyncio.wait(fs, return_when=when, timeout=timeout)
        print(name, [f in done for f in fs])

    ts = [
        asyncio.create_task(waiter("first", asyncio.FIRST_COMPLETED)),
        asyncio.create_task(waiter("exception", asyncio.FIRST_EXCEPTION)),
        asyncio.create_task(waiter("all", asyncio.ALL_COMPLETED)),
        asyncio.create_task(waiter("timeout", asyncio.ALL_COMPLETED, 0.01)),
    ]
    await asyncio.sleep(0)
    fs[1].set_result(1)
    fs[3].set_result(3)
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    print("two are done")
    await asyncio.sleep(0.02)
    fs[0].cancel()
    await asyncio.sleep(0)
    fs[2].set_exception(ValueError("x"))
    print("all are done")
    await asyncio.gather(*ts)
    print(fs[2].exception())

asyncio.run(main())
