"""A Runner keeps its loop: a task left by the first run goes on in the second, and ends with close."""
import asyncio

async def background():
    try:
        n = 0
        while True:
            print("background", n)
            n += 1
            await asyncio.sleep(0.02)
    finally:
        print("background ends")

async def first():
    asyncio.create_task(background())
    await asyncio.sleep(0.01)
    return "first"

async def second():
    await asyncio.sleep(0.02)
    return "second"

with asyncio.Runner() as runner:
    print(runner.run(first()))
    print(runner.run(second()))
    print("close")
print("closed")
