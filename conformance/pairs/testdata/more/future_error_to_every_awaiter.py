"""Every awaiter of a future gets its error, as does one that comes late, without a wait."""
import asyncio

async def main():
    loop = asyncio.get_running_loop()
    fut = loop.create_future()

    async def awaiter(name):
        try:
            await fut
        except RuntimeError as e:
            print(name, "caught", e)
        return name

    ts = [asyncio.create_task(awaiter(n)) for n in "abc"]
    loop.call_soon(lambda: fut.set_exception(RuntimeError("boom")))
    print(await asyncio.gather(*ts))
    loop.call_soon(print, "runs after the late one")
    print(await awaiter("late"))

asyncio.run(main())
