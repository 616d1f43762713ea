"""Stages joined by single-place boxes made of futures: order holds, a slow stage slows the others."""
import asyncio

class Box:
    def __init__(self):
        self.items, self.getter, self.putter = [], None, None

    async def put(self, item):
        while self.items:
            self.putter = asyncio.get_running_loop().create_future()
            await self.putter
        self.items.append(item)
        if self.getter and not self.getter.done():
            self.getter.set_result(None)

    async def get(self):
        while not self.items:
            self.getter = asyncio.get_running_loop().create_future()
            await self.getter
        if self.putter and not self.putter.done():
            self.putter.set_result(None)
        return self.items.pop()

async def source(out):
    for n in range(4):
        print("source", n)
        await out.put(n)
    await out.put(None)

async def square(into, out):
    while (n := await into.get()) is not None:
        print("square", n)
        await asyncio.sleep(0.01)
        await out.put(n * n)
    await out.put(None)

async def sink(into):
    total = 0
    while (n := await into.get()) is not None:
        print("sink", n)
        total += n
    return total

async def main():
    a, b = Box(), Box()
    async with asyncio.TaskGroup() as tg:
        tg.create_task(source(a))
        tg.create_task(square(a, b))
        t = tg.create_task(sink(b))
    print("total", t.result())

asyncio.run(main())
