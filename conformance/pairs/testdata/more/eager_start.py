"""An eager task runs inside its creation until it first suspends; one that never does is born done."""
import asyncio

def eager(coro):
    return asyncio.Task(coro, loop=asyncio.get_running_loop(), eager_start=True)

async def work(name, suspend):
    print(name, "starts")
    for i in range(suspend):
        await asyncio.sleep(0)
        print(name, "goes on")
    return name

async def bad():
    raise ValueError("stored")

async def outer():
    print("outer starts")
    inner = eager(work("inner", 1))
    print("outer after inner", inner.done())
    return await inner

async def main():
    asyncio.get_running_loop().call_soon(print, "callback")
    lazy = asyncio.create_task(work("lazy", 0))
    a = eager(work("a", 0))
    print("a", a.done(), a.result())
    a.add_done_callback(lambda t: print("callback of a"))
    b = eager(work("b", 1))
    print("b", b.done())
    c = eager(bad())
    print("c", c.done(), str(c.exception()))
    d = eager(outer())
    print("d", d.done())
    print("got", await a)
    print("got", await b)
    print("got", await d)
    print("got", await lazy)

asyncio.run(main())
