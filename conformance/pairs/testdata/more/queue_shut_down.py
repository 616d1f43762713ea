"""A queue that is shut down gives what it has, then ends its getters; its putters at once."""
import asyncio

async def main():
    q = asyncio.Queue(2)

    async def consumer(name):
        try:
            while True:
                item = await q.get()
                print(name, "got", item)
                await asyncio.sleep(0.01)
                q.task_done()
        except asyncio.QueueShutDown:
            print(name, "ends")

    async def producer():
        try:
            for n in range(9):
                await q.put(n)
                print("put", n)
        except asyncio.QueueShutDown:
            print("producer ends")

    async with asyncio.TaskGroup() as tg:
        tg.create_task(producer())
        tg.create_task(consumer("a"))
        await asyncio.sleep(0.025)
        print("shut down")
        q.shutdown()
        await q.join()
        print("joined")

asyncio.run(main())
