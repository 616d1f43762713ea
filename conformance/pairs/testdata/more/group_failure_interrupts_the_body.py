"""A failing child interrupts the body where it waits; after the group all is as before."""
import asyncio

async def bad():
    await asyncio.sleep(0.01)
    raise ValueError("bad")

async def main():
    try:
        async with asyncio.TaskGroup() as tg:
            tg.create_task(bad())
            try:
                await asyncio.sleep(1)
                print("never")
            except asyncio.CancelledError:
                print("body interrupted")
                raise
    except* ValueError as eg:
        print("caught", eg.exceptions[0])
    await asyncio.sleep(0.01)
    print("goes on")

asyncio.run(main())
