"""A child fails while its sibling cleans up after a cancellation; the parent is told both."""
import asyncio

async def sibling(log):
    try:
        await asyncio.sleep(1)
    except asyncio.CancelledError:
        log.append("sibling begins cleanup")
        await asyncio.sleep(0.02)
        log.append("sibling ends cleanup")
        raise

async def failing(log):
    try:
        await asyncio.sleep(1)
    finally:
        await asyncio.sleep(0.01)
        log.append("failing fails")
        raise ValueError("in finally")

async def parent(log):
    try:
        async with asyncio.TaskGroup() as tg:
            tg.create_task(sibling(log))
            tg.create_task(failing(log))
            await asyncio.sleep(0.01)
            raise KeyError("body")
    except* KeyError as eg:
        log.append("keys " + str(len(eg.exceptions)))
    except* ValueError as eg:
        log.append("values " + str(len(eg.exceptions)))
    await asyncio.sleep(0.01)
    log.append("parent goes on")

async def main():
    log = []
    await asyncio.create_task(parent(log))
    for line in log:
        print(line)

asyncio.run(main())
