"""An event that is set and cleared lets through all who wait at that time."""
import asyncio

async def main():
    ev = asyncio.Event()

    async def waiter(name, rounds):
        for n in range(rounds):
            await ev.wait()
            print(name, "passes", n)
            await asyncio.sleep(0.01)

    ts = [asyncio.create_task(waiter("a", 3)), asyncio.create_task(waiter("b", 2))]
    for _ in range(2):
        await asyncio.sleep(0.02)
        print("open", ev.is_set())
        ev.set()
        ev.clear()
    await asyncio.sleep(0.02)
    ev.set()
    print("stays open", ev.is_set())
    await asyncio.wait(ts)

asyncio.run(main())
