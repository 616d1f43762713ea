"""asyncio fires timers with the same deadline in the order of its heap."""
import asyncio

async def main():
    loop = asyncio.get_running_loop()
    at = loop.time() + 0.02
    for i in range(6):
        loop.call_at(at, print, i)
    await asyncio.sleep(0.05)

asyncio.run(main())
