"""return_exceptions collects values, errors and cancelled children in argument order."""
import asyncio

async def value(v, delay):
    await asyncio.sleep(delay)
    return v

async def fail(text, delay):
    await asyncio.sleep(delay)
    raise ValueError(text)

async def gives_up():
    raise asyncio.CancelledError

def text(r):
    if isinstance(r, asyncio.CancelledError):
        return "cancelled"
    return f"error {r}" if isinstance(r, Exception) else f"value {r}"

async def main():
    got = await asyncio.gather(fail("x", 0.02), value("y", 0.01), gives_up(), fail("z", 0), return_exceptions=True)
    print([text(r) for r in got])

asyncio.run(main())
