import asyncio, time

def work(takes):  # stands for work: a core is busy
    time.sleep(takes)

async def dish(name, cut, boil):
    #tour:focus
    work(cut)  # the cook's hands are full
    #tour:end
    print(f"{name}: on the stove")
    #tour:focus
    await asyncio.sleep(boil)  # his hands are free
    #tour:end
    work(0.2)
    print(f"{name}: served")

async def set_table(takes):
    work(takes)
    print("table: set")

async def main():
    rice, vegetables, curry, table = 3, 1, 2, 0.6
    start = asyncio.get_running_loop().time()
    async with asyncio.TaskGroup() as tg:
        #tour:focus
        tg.create_task(
            dish("rice", 0.3, rice), name="rice")
        tg.create_task(
            dish("vegetables", 0.5, vegetables),
            name="vegetables")
        tg.create_task(
            dish("curry", 0.6, curry), name="curry")
        tg.create_task(set_table(table), name="table")
        #tour:end
        # the group ends when all four tasks have ended
    took = asyncio.get_running_loop().time() - start
    print(f"dinner took {took:.1f} s")

asyncio.run(main())
