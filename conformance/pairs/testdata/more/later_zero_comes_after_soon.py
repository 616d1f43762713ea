"""call_later(0) is appended after what call_soon appended in the same pass."""
import asyncio

async def main():
    loop = asyncio.get_running_loop()
    loop.call_later(0, print, "later 0")
    loop.call_soon(print, "soon 1")
    t = asyncio.create_task(asyncio.sleep(0))
    t.add_done_callback(lambda t: print("task done"))
    loop.call_soon(print, "soon 2")
    await asyncio.sleep(0)
    print("main")
    await asyncio.sleep(0)
    print("main again")
    await t
    await asyncio.sleep(0)
    print("end")

asyncio.run(main())
