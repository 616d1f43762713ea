import asyncio

async def worker(name, takes):
    print(name, "starts")
    await asyncio.sleep(takes)
    print(name, "ends")
    return f"result of {name}"

async def main():
    loop = asyncio.get_running_loop()
    start = loop.time()

    a = await worker("A", 2)
    b = await worker("B", 1)  # not before A ends

    print(f"{a}, {b}")
    took = loop.time() - start
    print("took", round(took), "seconds")

asyncio.run(main())
