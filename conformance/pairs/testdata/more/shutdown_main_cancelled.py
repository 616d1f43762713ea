"""A main that ends cancelled makes run raise it."""
import asyncio

async def main():
    t = asyncio.create_task(asyncio.sleep(1))
    asyncio.get_running_loop().call_later(0.01, t.cancel)
    try:
        await t
    finally:
        print("main is clean")

try:
    asyncio.run(main())
except asyncio.CancelledError:
    print("run raised cancelled")
