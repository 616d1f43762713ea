"""Gathers in the children of a group: one error ends them all."""
import asyncio

async def leaf(name, delay, fail=False):
    try:
        await asyncio.sleep(delay)
        print(name, "fails" if fail else "ends")
        if fail:
            raise ValueError(name)
        return name
    except asyncio.CancelledError:
        print(name, "cancelled")
        raise

async def pair(a, b):
    print(await asyncio.gather(a, b))

async def main():
    try:
        async with asyncio.TaskGroup() as tg:
            tg.create_task(pair(leaf("a", 0.01), leaf("b", 0.02)))
            tg.create_task(pair(leaf("c", 0.03), leaf("d", 0.04, True)))
            tg.create_task(pair(leaf("e", 0.05), leaf("f", 1)))
    except* ValueError as eg:
        print("caught", [str(e) for e in eg.exceptions])

asyncio.run(main())
