"""Calls for the same key share one task, shielded, so that one caller's end does not end it for the others."""
import asyncio

cache = {}

async def load(key):
    print("load", key)
    await asyncio.sleep(0.03)
    print("loaded", key)
    return key.upper()

async def get(key):
    if key not in cache:
        cache[key] = asyncio.create_task(load(key))
    return await asyncio.shield(cache[key])

async def caller(name, key, patience):
    try:
        async with asyncio.timeout(patience):
            print(name, "got", await get(key))
    except TimeoutError:
        print(name, "out of patience")

async def main():
    async with asyncio.TaskGroup() as tg:
        tg.create_task(caller("one", "a", 0.01))
        tg.create_task(caller("two", "a", 0.05))
        tg.create_task(caller("three", "b", 0.02))
    await caller("four", "a", 0.01)
    await asyncio.sleep(0.02)
    await caller("five", "b", 0.01)

asyncio.run(main())
