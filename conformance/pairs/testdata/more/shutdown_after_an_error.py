"""When main fails, what is left over is cleaned up before run raises."""
import asyncio

async def left():
    try:
        await asyncio.sleep(1)
    finally:
        print("left is clean")

async def main():
    t = asyncio.create_task(left())
    t.add_done_callback(lambda t: print("callback", t.cancelled()))
    await asyncio.sleep(0)
    raise RuntimeError("main failed")

try:
    asyncio.run(main())
except RuntimeError as e:
    print("run raised", e)
