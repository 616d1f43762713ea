"""First in, first out; last in, first out; smallest first."""
import asyncio

async def main():
    for make in (asyncio.Queue, asyncio.LifoQueue, asyncio.PriorityQueue):
        q = make()
        for n in (3, 1, 2):
            q.put_nowait(n)
        print([await q.get() for _ in range(3)], q.empty())
    q = asyncio.Queue(1)
    q.put_nowait("x")
    try:
        q.put_nowait("y")
    except asyncio.QueueFull:
        print("full", q.full())
    q.get_nowait()
    try:
        q.get_nowait()
    except asyncio.QueueEmpty:
        print("empty", q.empty())

asyncio.run(main())
