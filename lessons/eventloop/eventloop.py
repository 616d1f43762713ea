import asyncio, time

def work(takes):  # nobody else can run meanwhile
    time.sleep(takes)

async def turns(name, takes):
    for turn in range(3):
        print(f"{name}: turn {turn + 1}")
        work(takes)
        await asyncio.sleep(0)  # others first

async def main():
    loop = asyncio.get_running_loop()
    a = asyncio.create_task(turns("A", 0.25))
    b = asyncio.create_task(turns("B", 0.25))
    loop.call_soon(print, "callback: third in line")
    print("main: all are ready, but I have the loop")
    work(0.25)

    print("main: awaits, so the loop goes on")
    await asyncio.gather(a, b)
    print("main: both are done")

asyncio.run(main())
