import asyncio

async def brew(takes):
    print("brew: the water boils")
    await asyncio.sleep(takes)  # pauses here
    print("brew: done")  # goes on here
    return "a cup of coffee"

async def main():
    takes, pause = 1, 0.5
    #tour:focus
    coffee = brew(takes)  # called: no coffee yet
    print("main: called brew")
    await asyncio.sleep(pause)
    print(f"main: {pause:.1f} s later, still nothing")
    cup = await coffee  # now it runs, inside main
    #tour:end
    print("main: got", cup)

asyncio.run(main())
