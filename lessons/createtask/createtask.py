import asyncio

async def worker(name, takes):
    print(name, "starts")
    await asyncio.sleep(takes)
    print(name, "ends")
    return f"result of {name}"

async def main():
    a, b = 2, 1
    start = asyncio.get_running_loop().time()
    #tour:focus
    task_a = asyncio.create_task(
        worker("A", a), name="A")
    task_b = asyncio.create_task(
        worker("B", b), name="B")
    print("main: created both, neither has started")
    result_a = await task_a  # both run while main waits
    result_b = await task_b  # has ended before: no wait
    #tour:end
    took = asyncio.get_running_loop().time() - start
    print(f"{result_a}, {result_b}")
    print(f"took {took:.1f} s, one by one {a + b:.1f} s")

asyncio.run(main())
