import asyncio

async def brew(takes):
    print("brew: the water boils")
    await asyncio.sleep(takes)
    print("brew: done")
    return "a cup of coffee"

async def main():
    coffee = brew(1)
    print("main: brew was called, nothing happens")
    await asyncio.sleep(1)
    print("main: a second later, still nothing")

    cup = await coffee  # now it runs, as a part of main
    print("main: here is", cup)

asyncio.run(main())
