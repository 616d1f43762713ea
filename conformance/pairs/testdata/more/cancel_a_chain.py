"""Cancelling the head of a chain of awaits reaches its end first and travels back, a pass for each."""
import asyncio

async def link(name, inner):
    try:
        await inner
    except asyncio.CancelledError:
        print(name, "cancelled")
        raise

async def main():
    loop = asyncio.get_running_loop()
    c = asyncio.create_task(link("c", loop.create_future()))
    b = asyncio.create_task(link("b", c))
    a = asyncio.create_task(link("a", b))
    await asyncio.sleep(0.01)

    def tick(n):
        print("tick", n)
        if n < 5:
            loop.call_soon(tick, n + 1)

    a.cancel()
    loop.call_soon(tick, 1)
    await asyncio.wait([a])
    print(a.cancelled(), b.cancelled(), c.cancelled())

asyncio.run(main())
