"""A failure in an inner group becomes one error of the outer group, and cancels its other children."""
import asyncio

async def child(name, delay, fail=False):
    try:
        await asyncio.sleep(delay)
        print(name, "fails" if fail else "ends")
        if fail:
            raise ValueError(name)
    except asyncio.CancelledError:
        print(name, "cancelled")
        raise

async def inner():
    async with asyncio.TaskGroup() as tg:
        tg.create_task(child("inner quick", 0.01))
        tg.create_task(child("inner bad", 0.02, True))
        tg.create_task(child("inner slow", 1))

def show(e, depth=0):
    print("  " * depth + type(e).__name__, "" if isinstance(e, ExceptionGroup) else e)
    for sub in getattr(e, "exceptions", ()):
        show(sub, depth + 1)

async def main():
    try:
        async with asyncio.TaskGroup() as tg:
            tg.create_task(inner())
            tg.create_task(child("outer slow", 1))
    except ExceptionGroup as eg:
        show(eg)
    try:
        async with asyncio.TaskGroup() as tg:
            tg.create_task(child("outer slow", 1))
            await inner()
    except ExceptionGroup as eg:
        show(eg)

asyncio.run(main())
