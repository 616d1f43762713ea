"""Cleanup may wait; whoever awaits the task sees its end only after it."""
import asyncio

async def work(name, cleanup):
    try:
        print(name, "works")
        await asyncio.sleep(1)
    finally:
        print(name, "cleans up")
        await asyncio.sleep(cleanup)
        print(name, "is clean")

async def main():
    a, b = asyncio.create_task(work("a", 0.02)), asyncio.create_task(work("b", 0.01))
    await asyncio.sleep(0.01)
    a.cancel()
    b.cancel()
    print("asked")
    try:
        await a
    except asyncio.CancelledError:
        print("main saw a end", a.cancelled(), b.cancelled())

asyncio.run(main())
