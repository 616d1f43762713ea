import asyncio

async def talk(name):
    breath = 0.3
    for n in range(3):
        print(name, "says sentence", n + 1)
        await asyncio.sleep(breath)

async def speaker(name, floor, lock=True):
    if not lock:
        return await talk(name)
    #tour:focus
    async with floor:  # waits if it is held
        await talk(name)
    #tour:end

async def main():
    floor = asyncio.Lock()  # who has it may speak
    await asyncio.gather(
        speaker("Ada", floor), speaker("Bob", floor),
    )

asyncio.run(main())
