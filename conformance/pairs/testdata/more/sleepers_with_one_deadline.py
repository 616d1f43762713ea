"""Sleepers that went to sleep one after another for the same time wake in that order."""
import asyncio

async def sleeper(n, delay):
    await asyncio.sleep(delay)
    print("awake", n)

async def main():
    await asyncio.gather(*(sleeper(n, 0.01) for n in range(6)), sleeper("early", 0), *(sleeper(n, 0.02) for n in range(3)))

asyncio.run(main())
