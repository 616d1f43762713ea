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
    results = await asyncio.gather(
        asyncio.create_task(worker("A", a), name="A"),
        asyncio.create_task(worker("B", b), name="B"),
    )
    #tour:end
    took = asyncio.get_running_loop().time() - start
    print(", ".join(results))
    print(f"took {took:.1f} s, one by one {a + b:.1f} s")

asyncio.run(main())
