"""wait neither cancels nor raises when its time is up."""
import asyncio

async def job(name, delay):
    await asyncio.sleep(delay)
    print(name, "ends")
    return name

async def main():
    ts = [asyncio.create_task(job(n, d)) for n, d in (("a", 0.01), ("b", 0.03), ("c", 0.05))]
    for timeout in (0.02, 0.02, 1):
        done, pending = await asyncio.wait(ts, timeout=timeout)
        print(sorted(t.result() for t in done), len(pending))
    done, pending = await asyncio.wait([asyncio.create_task(job("d", 0.02))], timeout=0.01)
    print(len(done), len(pending))
    print(await pending.pop())

asyncio.run(main())
