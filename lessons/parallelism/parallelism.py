import asyncio, time
from concurrent.futures import ProcessPoolExecutor

def work(what, takes):  # stands for work: a core is busy
    time.sleep(takes)
    return f"{what}: done"

async def chop(cooks, what, takes):
    loop = asyncio.get_running_loop()
    #tour:focus
    cook = loop.run_in_executor(cooks, work, what, takes)
    #tour:end
    done = await cook  # the loop is free
    print(done)

async def main():
    curry, table = 0.6, 0.6
    start = asyncio.get_running_loop().time()
    cooks = ProcessPoolExecutor(2)  # a core each
    async with asyncio.TaskGroup() as tg:
        #tour:focus
        tg.create_task(
            chop(cooks, "vegetables", 0.5),
            name="vegetables")
        tg.create_task(
            chop(cooks, "curry", curry), name="curry")
        tg.create_task(
            chop(cooks, "table", table), name="table")
        #tour:end
    cooks.shutdown()
    took = asyncio.get_running_loop().time() - start
    alone = 0.5 + curry + table
    print(f"took {took:.1f} s,", end=" ")
    print(f"one cook needs {alone:.1f} s")

if __name__ == "__main__":
    asyncio.run(main())
