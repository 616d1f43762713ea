"""asyncio takes back what a task was woken for, if it is canceled before it runs."""
import asyncio

async def bad():
    raise ValueError

async def main():
    queue = asyncio.Queue()

    async def put():
        queue.put_nowait("an item")

    try:
        async with asyncio.TaskGroup() as tg:
            tg.create_task(bad())
            tg.create_task(put())
            try:
                print("got", await queue.get())
            except asyncio.CancelledError:
                print("cancelled")
                raise
    except* ValueError:
        print("failed, left in the queue:", queue.qsize())

asyncio.run(main())
