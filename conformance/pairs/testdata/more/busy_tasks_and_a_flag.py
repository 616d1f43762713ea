"""Busy tasks see what a callback changes in the pass in which it runs."""
import asyncio

async def busy(name, state):
    rounds = 0
    while not state:
        rounds += 1
        await asyncio.sleep(0)
    print(name, "sees", state, rounds > 1)

async def main():
    loop = asyncio.get_running_loop()
    state = []
    ts = [asyncio.create_task(busy(n, state)) for n in "ab"]
    fut = loop.create_future()
    loop.call_soon(loop.call_soon, lambda: (state.append("flag"), fut.set_result(None)))
    await fut
    print("main goes on", [t.done() for t in ts])
    await asyncio.wait(ts)

asyncio.run(main())
