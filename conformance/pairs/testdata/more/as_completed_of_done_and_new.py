"""as_completed makes its tasks before it listens to any: what is done and what ends at once come together."""
import asyncio

async def quick(name):
    return name

async def main():
    loop = asyncio.get_running_loop()
    done = asyncio.create_task(quick("done"))
    await done
    ticks, running = 0, True

    def tick():
        nonlocal ticks
        ticks += 1
        if running:
            loop.call_soon(tick)

    loop.call_soon(tick)
    await asyncio.sleep(0)
    ticks = 0
    for nxt in asyncio.as_completed([done, quick("new")]):
        print(await nxt, "after", ticks)
    running = False

asyncio.run(main())
