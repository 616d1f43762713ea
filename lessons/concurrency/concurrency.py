import asyncio

async def cook(dish, takes):
    print(f"{dish}: on the stove")
    await asyncio.sleep(takes)  # the cook is free
    print(f"{dish}: ready")

async def set_table():
    print("table: set")

async def main():
    loop = asyncio.get_running_loop()
    start = loop.time()
    async with asyncio.TaskGroup() as tg:
        tg.create_task(cook("rice", 3))
        tg.create_task(cook("vegetables", 1))
        tg.create_task(cook("curry", 2))
        tg.create_task(set_table())
    took = loop.time() - start
    print(f"dinner after {took:.0f} seconds, not 6")

asyncio.run(main())
