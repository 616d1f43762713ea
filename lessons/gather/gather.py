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
        worker("A", a), worker("B", b),
    )
    #tour:end
    took = asyncio.get_running_loop().time() - start
    print(", ".join(results))
    print(f"{took:.0f}s, not {a + b}s")

asyncio.run(main())
