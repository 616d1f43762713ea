"""Cancellation unwinds nested functions from the inside out."""
import asyncio

async def inner():
    try:
        await asyncio.sleep(1)
    finally:
        print("inner finally")

async def middle():
    try:
        await inner()
    except asyncio.CancelledError:
        print("middle except")
        raise
    finally:
        print("middle finally")

async def outer():
    try:
        await middle()
    finally:
        print("outer finally")

async def main():
    t = asyncio.create_task(outer())
    await asyncio.sleep(0)
    t.cancel()
    print((await asyncio.gather(t, return_exceptions=True))[0].__class__.__name__)

asyncio.run(main())
