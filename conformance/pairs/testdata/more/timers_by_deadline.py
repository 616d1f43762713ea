"""Timers fire by deadline, also those that callbacks set and those set in the past."""
import asyncio

async def main():
    loop = asyncio.get_running_loop()
    done = loop.create_future()
    t0 = loop.time()

    def at(ms, text):
        loop.call_at(t0 + ms / 1000, print, text)

    def half():
        print("30")
        at(40, "40, set at 30")
        at(10, "10, set at 30")
        loop.call_soon(print, "soon, set at 30")
        loop.call_later(0, print, "later 0, set at 30")

    at(60, "60")
    at(20, "20")
    loop.call_at(t0 + 0.03, half)
    at(50, "50")
    loop.call_at(t0 - 1, print, "in the past")
    loop.call_soon(print, "soon")
    loop.call_at(t0 + 0.07, done.set_result, None)
    await done
    print("end")

asyncio.run(main())
