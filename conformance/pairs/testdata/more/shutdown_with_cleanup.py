"""Tasks left over are cancelled together and awaited; a second round catches none."""
import asyncio

async def left(name, cleanup):
    try:
        await asyncio.sleep(1)
    finally:
        await asyncio.sleep(cleanup)
        print(name, "is clean")

async def swallow():
    try:
        await asyncio.sleep(1)
    except asyncio.CancelledError:
        print("swallowed")

async def main():
    asyncio.create_task(left("slow", 0.03))
    asyncio.create_task(left("quick", 0.01))
    asyncio.create_task(left("middle", 0.02))
    asyncio.create_task(swallow())
    await asyncio.sleep(0.01)
    print("main returns")
    return "result"

print(asyncio.run(main()))
