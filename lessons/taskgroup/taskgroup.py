import asyncio

async def guest(name, takes):
    print(name, "eats")
    try:
        await asyncio.sleep(takes)
    except asyncio.CancelledError:
        print(name, "is asked to leave")
        raise
    print(name, "is full")

async def thief(takes):
    await asyncio.sleep(takes)
    raise ValueError("a spoon is missing")

async def main():
    try:
        async with asyncio.TaskGroup() as tg:
            tg.create_task(guest("Ada", 1), name="Ada")
            tg.create_task(thief(2), name="thief")
            tg.create_task(guest("Bob", 3), name="Bob")
    except* ValueError as group:
        for failure in group.exceptions:
            print("the dinner failed:", failure)

asyncio.run(main())
