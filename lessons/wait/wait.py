import asyncio

async def runner(takes):
    await asyncio.sleep(takes)
    return takes

async def main():
    race = [
        asyncio.create_task(runner(3), name="turtle"),
        asyncio.create_task(runner(1), name="hare"),
        asyncio.create_task(runner(2), name="dog"),
    ]

    done, pending = await asyncio.wait(
        race, return_when=asyncio.FIRST_COMPLETED)
    winner = done.pop()
    name = winner.get_name()
    print(f"{name} wins, {len(pending)} still run")

    for arrival in asyncio.as_completed(pending):
        takes = await arrival
        print(f"another after {takes} seconds")

asyncio.run(main())
