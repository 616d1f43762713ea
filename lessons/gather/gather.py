import asyncio

async def worker(name, takes):
    print(name, "starts")
    await asyncio.sleep(takes)
    print(name, "ends")
    return f"result of {name}"

async def main():
    results = await asyncio.gather(
        worker("A", 3),
        worker("B", 1),
        worker("C", 2),
    )
    print(", ".join(results))

asyncio.run(main())
