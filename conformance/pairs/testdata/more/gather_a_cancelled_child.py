"""A child that ends cancelled is an error for gather, not a cancellation of who gathers."""
import asyncio

async def ok(name, delay):
    await asyncio.sleep(delay)
    print(name, "ends")
    return name

async def main():
    victim = asyncio.create_task(ok("victim", 1))
    asyncio.get_running_loop().call_later(0.01, victim.cancel)
    try:
        await asyncio.gather(ok("a", 0.02), victim, ok("b", 0.03))
    except asyncio.CancelledError:
        print("gather raised cancelled")
    await asyncio.sleep(0.03)
    print("main goes on")
    victim = asyncio.create_task(ok("victim", 1))
    asyncio.get_running_loop().call_later(0.01, victim.cancel)
    got = await asyncio.gather(ok("c", 0.02), victim, return_exceptions=True)
    print([g if isinstance(g, str) else type(g).__name__ for g in got])

asyncio.run(main())
