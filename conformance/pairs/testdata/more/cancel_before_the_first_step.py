"""A task that is cancelled before its first step never runs; its callbacks and awaiters still hear of it."""
import asyncio

async def never():
    try:
        print("never")
    finally:
        print("never either")

async def main():
    t = asyncio.create_task(never())
    t.add_done_callback(lambda t: print("callback", t.cancelled()))
    print("cancel", t.cancel(), t.done())
    try:
        await t
    except asyncio.CancelledError:
        print("awaiter", t.cancelled(), t.cancel())

asyncio.run(main())
