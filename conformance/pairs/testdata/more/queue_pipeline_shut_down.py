"""The end of the input goes down a pipeline as the shutdown of one queue after the other."""
import asyncio

async def main():
    numbers, squares = asyncio.Queue(2), asyncio.Queue(1)

    async def source():
        for i in range(6):
            await numbers.put(i)
            print("source", i)
        numbers.shutdown()

    async def stage(name):
        try:
            while True:
                i = await numbers.get()
                await asyncio.sleep(0)
                await squares.put(i * i)
                print(name, i)
        except asyncio.QueueShutDown:
            print(name, "ends")

    async def sink():
        total = 0
        try:
            while True:
                n = await squares.get()
                total += n
                print("sink", n)
        except asyncio.QueueShutDown:
            return total

    t = asyncio.create_task(sink())
    async with asyncio.TaskGroup() as tg:
        tg.create_task(source())
        tg.create_task(stage("a"))
        tg.create_task(stage("b"))
    squares.shutdown()
    print(await t)

asyncio.run(main())
