"""After gather has raised, the others run on; their own errors are not raised again."""
import asyncio

async def step(name, delay, fail=False):
    await asyncio.sleep(delay)
    print(name, "fails" if fail else "ends")
    if fail:
        raise RuntimeError(name)
    return name

async def main():
    keep = asyncio.create_task(step("keep", 0.03))
    try:
        await asyncio.gather(step("first", 0.01, True), step("second", 0.02, True), keep, step("last", 0.04))
    except RuntimeError as e:
        print("caught", e, keep.done())
    print("kept", await keep)
    await asyncio.sleep(0.02)
    print("end")

asyncio.run(main())
