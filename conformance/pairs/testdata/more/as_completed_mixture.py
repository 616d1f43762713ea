"""as_completed gives values and errors in the order of the ends."""
import asyncio

async def job(name, delay, fail=False):
    await asyncio.sleep(delay)
    if fail:
        raise ValueError(name)
    return name

async def main():
    done = asyncio.create_task(job("done", 0))
    await done
    jobs = [job("c", 0.03), done, job("a", 0.01, True), job("b", 0.02)]
    for nxt in asyncio.as_completed(jobs):
        try:
            print("value", await nxt)
        except ValueError as e:
            print("error", e)
    print("end")

asyncio.run(main())
