"""asyncio's gather, when it is canceled, ends with the first of its tasks."""
import asyncio

async def quick():
    await asyncio.sleep(1)

async def chain(links):
    try:
        await (asyncio.create_task(chain(links - 1)) if links else quick())
    finally:
        print("link", links, "ends")

async def gathering():
    await asyncio.gather(quick(), chain(4))

async def main():
    task = asyncio.create_task(gathering())
    await asyncio.sleep(0.01)
    task.cancel()
    try:
        await task
    except asyncio.CancelledError:
        print("gather cancelled")
    await asyncio.sleep(0.01)

asyncio.run(main())
