"""A cancelled gather returns only when the slowest cleanup is over."""
import asyncio

async def child(name, cleanup):
    try:
        await asyncio.sleep(1)
    finally:
        await asyncio.sleep(cleanup)
        print(name, "clean")

async def gatherer():
    try:
        await asyncio.gather(child("slow", 0.03), child("fast", 0.01), return_exceptions=True)
    finally:
        print("gather over")

async def main():
    t = asyncio.create_task(gatherer())
    await asyncio.sleep(0.01)
    t.cancel()
    await asyncio.sleep(0.02)
    print("still", not t.done())
    await asyncio.wait([t])
    print(t.cancelled())

asyncio.run(main())
