"""An eager task that has begun can be cancelled like any other."""
import asyncio

def eager(coro):
    return asyncio.Task(coro, loop=asyncio.get_running_loop(), eager_start=True)

async def sleeper(name):
    try:
        print(name, "sleeps")
        await asyncio.sleep(1)
    finally:
        print(name, "ends")

async def main():
    a, b = eager(sleeper("a")), asyncio.create_task(sleeper("b"))
    print("cancel", a.cancel(), b.cancel(), a.done(), b.done())
    await asyncio.wait([a, b])
    print(a.cancelled(), b.cancelled())

asyncio.run(main())
