"""What the body makes of the expiry: swallowed it is no error, another error goes through."""
import asyncio

async def main():
    async with asyncio.timeout(0.01) as t:
        try:
            await asyncio.sleep(1)
        except asyncio.CancelledError:
            print("body swallows it")
    print("no error", t.expired())
    try:
        async with asyncio.timeout(0.01) as t:
            try:
                await asyncio.sleep(1)
            except asyncio.CancelledError:
                raise KeyError("body's own")
    except KeyError as e:
        print("error", e.args[0], t.expired())
    try:
        async with asyncio.timeout(0.02) as t:
            raise KeyError("early")
    except KeyError as e:
        print("error", e.args[0], t.expired())
    await asyncio.sleep(0.03)
    print("nothing comes later")

asyncio.run(main())
