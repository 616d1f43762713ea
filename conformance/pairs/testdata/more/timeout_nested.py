"""Of nested timeouts the one that fired raises; for the outer one that is an ordinary error."""
import asyncio

async def trial(outer, inner, work):
    try:
        async with asyncio.timeout(outer) as a:
            try:
                async with asyncio.timeout(inner) as b:
                    await asyncio.sleep(work)
                    print("work done")
            except TimeoutError:
                print("inner timed out")
                await asyncio.sleep(0.02)
                print("outer goes on")
    except TimeoutError:
        print("outer timed out")
    print(a.expired(), b.expired())

async def main():
    await trial(0.05, 0.01, 1)
    await trial(0.01, 0.05, 1)
    await trial(0.02, 0.01, 1)
    await trial(0.03, 0.02, 0.01)

asyncio.run(main())
