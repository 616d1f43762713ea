"""asyncio's group hears at once of a child that has failed in its eager start."""
import asyncio

async def sibling():
    try:
        await asyncio.sleep(1)
    except asyncio.CancelledError:
        print("the sibling is cancelled")
        raise

async def bad():
    raise ValueError

async def main():
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.TaskGroup() as tg:
            tg.create_task(sibling())
            await asyncio.sleep(0)
            loop.set_task_factory(asyncio.eager_task_factory)
            task = tg.create_task(bad())
            loop.set_task_factory(None)
            print("failed", task.done())
            loop.call_soon(print, "a pass later")
    except* ValueError:
        print("failed")

asyncio.run(main())
