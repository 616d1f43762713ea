"""wait_for: value, error, timeout, cleanup that overruns, a value in spite of the timeout."""
import asyncio

async def value():
    await asyncio.sleep(0.01)
    return "value"

async def fail():
    raise ValueError("bad")

async def slow_cleanup():
    try:
        await asyncio.sleep(1)
    finally:
        await asyncio.sleep(0.02)
        print("cleaned up")

async def stubborn():
    try:
        await asyncio.sleep(1)
    except asyncio.CancelledError:
        return "stubborn value"

async def main():
    print(await asyncio.wait_for(value(), 0.05))
    for make in (fail, slow_cleanup, stubborn):
        for wrap in (lambda c: c, asyncio.create_task):
            try:
                print(await asyncio.wait_for(wrap(make()), 0.01))
            except ValueError as e:
                print("error", e)
            except TimeoutError:
                print("timeout")

asyncio.run(main())
