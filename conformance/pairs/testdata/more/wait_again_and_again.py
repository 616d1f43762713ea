"""Waiting for the first again and again, as a server would, with new tasks in between."""
import asyncio

async def job(name, delay):
    await asyncio.sleep(delay)
    return name

async def main():
    names = ["a", "b", "c", "d", "e"]
    delays = {"a": 0.08, "b": 0.01, "c": 0.03, "d": 0.03, "e": 0.03}
    pending = {asyncio.create_task(job(n, delays[n])) for n in names[:3]}
    rest = names[3:]
    while pending:
        done, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
        for t in done:
            print("done", t.result(), "pending", len(pending))
            if rest:
                n = rest.pop(0)
                print("new", n)
                pending.add(asyncio.create_task(job(n, delays[n])))

asyncio.run(main())
