"""A coroutine that raises CancelledError by itself makes its task a cancelled one."""
import asyncio

async def gives_up():
    await asyncio.sleep(0)
    raise asyncio.CancelledError

async def main():
    t = asyncio.create_task(gives_up())
    t.add_done_callback(lambda t: print("callback", t.cancelled()))
    try:
        await t
    except asyncio.CancelledError:
        print("main goes on")
    await asyncio.sleep(0)
    print("still here", t.cancelled())

asyncio.run(main())
