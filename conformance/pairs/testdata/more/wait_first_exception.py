"""FIRST_EXCEPTION returns at the first error; a cancelled task is none."""
import asyncio

async def work(name, delay, fail=False):
    await asyncio.sleep(delay)
    if fail:
        raise ValueError(name)
    return name

async def main():
    names = {}

    def make(name, delay, fail=False):
        t = asyncio.create_task(work(name, delay, fail))
        names[t] = name
        return t

    ts = [make("a", 0.01), make("b", 0.02, True), make("c", 0.03)]
    done, pending = await asyncio.wait(ts, return_when=asyncio.FIRST_EXCEPTION)
    print(sorted(names[t] for t in done), sorted(names[t] for t in pending), ts[1].exception())
    ts = [make("d", 0.01), make("e", 1), make("f", 0.03)]
    asyncio.get_running_loop().call_later(0.02, ts[1].cancel)
    done, pending = await asyncio.wait(ts, return_when=asyncio.FIRST_EXCEPTION)
    print(sorted(names[t] for t in done), sorted(names[t] for t in pending), ts[1].cancelled())

asyncio.run(main())
