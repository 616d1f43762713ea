"""A helper task runs beside the work and is cancelled when the work is over."""
import asyncio
import contextlib

@contextlib.asynccontextmanager
async def heartbeat(name):
    async def beat():
        try:
            while True:
                await asyncio.sleep(0.02)
                print(name, "beat")
        finally:
            print(name, "stops")

    t = asyncio.create_task(beat())
    try:
        yield
    finally:
        t.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await t

async def main():
    async with heartbeat("first"):
        await asyncio.sleep(0.05)
        print("first work done")
    try:
        async with heartbeat("second"):
            await asyncio.sleep(0.03)
            raise ValueError("second work fails")
    except ValueError as e:
        print(e)

asyncio.run(main())
