"""asyncio starts no task in a group that is being aborted."""
import asyncio

async def late():
    print("never")

async def bad():
    raise ValueError

async def main():
    try:
        async with asyncio.TaskGroup() as tg:
            tg.create_task(bad())
            try:
                await asyncio.sleep(1)
            except asyncio.CancelledError:
                coro = late()
                try:
                    task = tg.create_task(coro)
                    print("started")
                    task.add_done_callback(lambda t: print("cancelled", t.cancelled()))
                except RuntimeError:
                    coro.close()
                    print("refused")
                raise
    except* ValueError:
        print("failed")

asyncio.run(main())
