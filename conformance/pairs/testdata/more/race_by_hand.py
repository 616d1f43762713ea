"""The first of several answers wins; the losers are cancelled and awaited."""
import asyncio

async def ask(name, delay, fail=False):
    try:
        await asyncio.sleep(delay)
        if fail:
            raise ConnectionError(name)
        return name
    except asyncio.CancelledError:
        print(name, "gives up")
        raise

async def race(*coros):
    ts = [asyncio.create_task(c) for c in coros]
    pending = ts
    try:
        while pending:
            done, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
            for t in done:
                if t.exception() is None:
                    return t.result()
                print("failed", t.exception())
        return "nobody"
    finally:
        for t in ts:
            t.cancel()
        await asyncio.gather(*ts, return_exceptions=True)
        print("all over", [t.cancelled() for t in ts])

async def main():
    print(await race(ask("slow", 1), ask("quick", 0.02), ask("broken", 0.01, True)))
    print(await race(ask("x", 0.01, True), ask("y", 0.02, True)))

asyncio.run(main())
