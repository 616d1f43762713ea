"""A callback can cancel one that is ready to run in the same pass, also a timer that has expired with it."""
import asyncio

async def main():
    loop = asyncio.get_running_loop()
    soon = []

    def killer(name, i):
        print(f"{name} cancels {i}")
        soon[i].cancel()

    soon.append(loop.call_soon(killer, "zero", 2))
    soon.append(loop.call_soon(print, "one"))
    soon.append(loop.call_soon(print, "two"))
    soon.append(loop.call_soon(killer, "three", 0))
    await asyncio.sleep(0)
    print([h.cancelled() for h in soon])
    done = loop.create_future()
    when = loop.time() + 0.01
    soon[:] = [loop.call_at(when, killer, "timer zero", 1)]
    soon.append(loop.call_at(when + 0.01, print, "timer one"))
    soon.append(loop.call_at(when + 0.02, done.set_result, None))
    await done
    print([h.cancelled() for h in soon])

asyncio.run(main())
