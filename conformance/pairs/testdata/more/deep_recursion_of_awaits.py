"""A value and an error come back through a hundred awaits without a pass of the loop."""
import asyncio

async def down(n, fail):
    if n == 0:
        if fail:
            raise RecursionError("bottom")
        return 0
    return 1 + await down(n - 1, fail)

async def main():
    asyncio.get_running_loop().call_soon(print, "callback")
    print(await down(100, False))
    try:
        await down(100, True)
    except RecursionError as e:
        print("error", e)
    await asyncio.sleep(0)
    print("end")

asyncio.run(main())
