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
    result_a = await worker("A", a)
    result_b = await worker("B", b)  # not before A ends
    #tour:end
    took = asyncio.get_running_loop().time() - start
    print(f"{result_a}, {result_b}")
    print(f"took {took:.1f} s, one by one {a + b:.1f} s")

asyncio.run(main())
