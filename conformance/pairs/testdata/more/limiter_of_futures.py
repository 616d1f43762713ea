"""A limiter made by hand: at most two at work, the others wait in line; a cancelled one leaves the line."""
import asyncio
from collections import deque

class Limiter:
    def __init__(self, n):
        self.free, self.line = n, deque()

    async def acquire(self):
        if self.free:
            self.free -= 1
            return
        fut = asyncio.get_running_loop().create_future()
        self.line.append(fut)
        await fut

    def release(self):
        while self.line:
            fut = self.line.popleft()
            if not fut.done():
                fut.set_result(None)
                return
        self.free += 1

async def job(lim, name, delay):
    try:
        await lim.acquire()
    except asyncio.CancelledError:
        print(name, "leaves the line")
        raise
    try:
        print(name, "begins")
        await asyncio.sleep(delay)
        print(name, "ends")
    finally:
        lim.release()

async def main():
    lim = Limiter(2)
    ts = [asyncio.create_task(job(lim, n, d)) for n, d in (("a", 0.03), ("b", 0.05), ("c", 0.04), ("d", 0.01), ("e", 0.01))]
    await asyncio.sleep(0.01)
    ts[2].cancel()
    await asyncio.wait(ts)
    print([t.cancelled() for t in ts], lim.free)

asyncio.run(main())
