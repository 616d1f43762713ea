"""A cancelled waiter of a condition takes its lock back before it leaves."""
import asyncio

async def main():
    cond = asyncio.Condition()
    stock = []

    async def waiter(name):
        async with cond:
            try:
                await cond.wait_for(lambda: stock)
                print(name, "takes", stock.pop())
            except asyncio.CancelledError:
                print(name, "cancelled, lock is held", cond.locked())
                raise

    ts = [asyncio.create_task(waiter(n)) for n in "abc"]
    await asyncio.sleep(0.01)
    async with cond:
        ts[0].cancel()
        await asyncio.sleep(0.01)
        print("still holding", ts[0].done())
        stock.append("x")
        cond.notify(1)
    await asyncio.sleep(0.01)
    print([t.done() for t in ts], ts[0].cancelled())
    async with cond:
        stock.append("y")
        cond.notify_all()
    await asyncio.wait(ts)

asyncio.run(main())
