"""What ends while the reader is busy is kept for it, in order."""
import asyncio

async def job(name, delay):
    await asyncio.sleep(delay)
    print(name, "ends")
    return name

async def main():
    jobs = [asyncio.create_task(job(n, d)) for n, d in (("a", 0.02), ("b", 0.01), ("c", 0.03), ("d", 0.06))]
    for nxt in asyncio.as_completed(jobs):
        print("read", await nxt)
        await asyncio.sleep(0.025)
    print("end")

asyncio.run(main())
