"""call_soon callbacks, first steps and resumptions share one queue."""
import asyncio

async def main():
    loop = asyncio.get_running_loop()

    def chain(name, n):
        print(f"{name}{n}")
        if n:
            loop.call_soon(chain, name, n - 1)

    async def task(name, n):
        for i in range(n):
            print(f"{name}.{i}")
            await asyncio.sleep(0)
        print(f"{name} ends")

    loop.call_soon(chain, "x", 3)
    a = asyncio.create_task(task("a", 3))
    loop.call_soon(chain, "y", 2)
    b = asyncio.create_task(task("b", 2))
    loop.call_soon(lambda: loop.call_soon(chain, "z", 1))
    print("main waits")
    await a
    print("main got a", b.done())
    await b
    print("main got b")

asyncio.run(main())
