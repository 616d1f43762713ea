"""asyncio keeps the tasks of a group, and what it waits for, in sets: it goes by addresses."""
import asyncio

def at_address(i):
    """Makes tasks whose addresses do not rise."""
    held.append(bytearray(i * i * 137 % 4096))

held = []

async def sleeper(name):
    try:
        await asyncio.sleep(1)
    except asyncio.CancelledError:
        print(name, "cancelled")
        raise

async def bad():
    await asyncio.sleep(0.02)
    raise ValueError

async def main():
    try:
        async with asyncio.TaskGroup() as tg:
            for i in range(12):
                at_address(i)
                tg.create_task(sleeper(f"child {i}"))
            tg.create_task(bad())
    except* ValueError:
        print("failed")

asyncio.run(main())
