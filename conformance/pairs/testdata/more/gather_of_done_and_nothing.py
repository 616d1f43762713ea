"""gather of nothing and of what is done."""
import asyncio

async def quick(n):
    return n

async def main():
    loop = asyncio.get_running_loop()
    loop.call_soon(print, "callback 1")
    print(await asyncio.gather())
    print("no pass for nothing")
    ts = [asyncio.create_task(quick(n)) for n in (1, 2)]
    await asyncio.sleep(0)
    loop.call_soon(print, "callback 2")
    print(await asyncio.gather(*ts))
    await asyncio.sleep(0)

asyncio.run(main())
