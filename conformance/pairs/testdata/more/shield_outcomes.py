"""shield: the value, the error, a cancelled inner task, and an inner task that lives on."""
import asyncio

async def work(name, delay, fail=False):
    try:
        await asyncio.sleep(delay)
        print(name, "ends")
        if fail:
            raise ValueError(name)
        return name
    except asyncio.CancelledError:
        print(name, "cancelled")
        raise

async def waiter(t):
    try:
        return await asyncio.shield(t)
    except asyncio.CancelledError:
        print("waiter cancelled")
        raise

async def main():
    print(await asyncio.shield(work("a", 0.01)))
    try:
        await asyncio.shield(work("b", 0.01, True))
    except ValueError as e:
        print("error", e)
    c = asyncio.create_task(work("c", 1))
    w = asyncio.create_task(waiter(c))
    await asyncio.sleep(0.01)
    c.cancel()
    await asyncio.wait([w])
    print(c.cancelled(), w.cancelled())
    d = asyncio.create_task(work("d", 0.03))
    w1, w2 = asyncio.create_task(waiter(d)), asyncio.create_task(waiter(d))
    await asyncio.sleep(0.01)
    w1.cancel()
    await asyncio.wait([w1])
    print(d.done(), w1.cancelled(), w2.done())
    print(await w2)

asyncio.run(main())
