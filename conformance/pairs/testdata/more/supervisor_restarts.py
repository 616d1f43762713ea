"""A supervisor restarts failing workers until they have failed too often."""
import asyncio

async def worker(name, lives):
    await asyncio.sleep(0.01 * lives)
    if lives > 1:
        raise RuntimeError(f"{name} crashed with {lives}")
    return name + " done"

async def supervise(workers, limit):
    lives = dict(workers)
    tasks = {n: asyncio.create_task(worker(n, l)) for n, l in workers}
    crashes = 0
    while tasks:
        await asyncio.wait(tasks.values(), return_when=asyncio.FIRST_COMPLETED)
        for n in [n for n, t in tasks.items() if t.done()]:
            t = tasks.pop(n)
            if t.exception() is None:
                print(t.result())
                continue
            print(t.exception())
            crashes += 1
            if crashes > limit:
                for other in tasks.values():
                    other.cancel()
                await asyncio.gather(*tasks.values(), return_exceptions=True)
                print("too many crashes", sorted(tasks))
                return
            lives[n] -= 1
            tasks[n] = asyncio.create_task(worker(n, lives[n]))
    print("all done")

async def main():
    await supervise([("a", 3), ("b", 1)], 5)
    await supervise([("c", 4), ("d", 9)], 1)

asyncio.run(main())
