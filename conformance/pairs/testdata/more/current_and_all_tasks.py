"""current_task is the running one; all_tasks lists those that have not ended."""
import asyncio

async def child(n):
    print("current", asyncio.current_task().get_name())
    await asyncio.sleep(n * 0.01)
    print("current", asyncio.current_task().get_name())

def names():
    return sorted(t.get_name() for t in asyncio.all_tasks() if t is not asyncio.current_task())

async def main():
    for n in (1, 2, 3):
        asyncio.create_task(child(n), name=f"child {n}")
    print(names())
    await asyncio.sleep(0.015)
    print(names())
    await asyncio.sleep(0.01)
    print(names())
    await asyncio.sleep(0.01)
    print(names())

asyncio.run(main())
