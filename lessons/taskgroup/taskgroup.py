import asyncio

async def worker(name, takes, fail):
    print(name, "starts")
    try:
        await asyncio.sleep(takes)
    except asyncio.CancelledError:
        print(name, "is asked to stop")
        raise
    finally:
        if fail in (name, "both"):
            raise ValueError(f"{name} has failed")
    print(name, "ends")
    return f"result of {name}"

async def group(fail):
    a, b = 2, 1
    start = asyncio.get_running_loop().time()
    try:
        #tour:focus
        async with asyncio.TaskGroup() as tg:
            tg.create_task(
                worker("A", a, fail), name="A")
            tg.create_task(
                worker("B", b, fail), name="B")
        # goes on when both have ended
    except* ValueError as group:
        #tour:end
        for failure in group.exceptions:
            print("in the group:", failure)
    took = asyncio.get_running_loop().time() - start
    print(f"took {took:.1f} s, one by one {a + b:.1f} s")

async def main():
    await group("nobody")
    await group("both")

asyncio.run(main())
