"""wait over futures that callbacks complete, fail and cancel."""
import asyncio

async def main():
    loop = asyncio.get_running_loop()
    futs = [loop.create_future() for _ in range(4)]
    loop.call_soon(futs[2].set_result, "two")
    loop.call_later(0.01, futs[0].set_exception, ValueError("zero"))
    loop.call_later(0.02, futs[3].cancel)
    loop.call_later(0.03, futs[1].set_result, "one")
    for when in (asyncio.FIRST_COMPLETED, asyncio.FIRST_EXCEPTION, asyncio.ALL_COMPLETED):
        done, pending = await asyncio.wait(futs, return_when=when)
        print([f in done for f in futs], len(pending))
    print(futs[0].exception(), futs[1].result(), futs[2].result(), futs[3].cancelled())

asyncio.run(main())
