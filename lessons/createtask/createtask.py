import asyncio

async def worker(name, takes):
    print(name, "starts")
    await asyncio.sleep(takes)
    print(name, "ends")
    return f"result of {name}"

async def main():
    loop = asyncio.get_running_loop()
    start = loop.time()

    task_a = asyncio.create_task(worker("A", 2))
    task_b = asyncio.create_task(worker("B", 1))
    print("main: created both, neither has started")

    a = await task_a  # both run while main waits
    b = await task_b  # ended long ago: no wait

    print(f"{a}, {b}")
    took = loop.time() - start
    print("took", round(took), "seconds")

asyncio.run(main())
