"""Gathers inside gathers: results keep their shape, ends come in their own order."""
import asyncio

async def leaf(name, passes):
    for _ in range(passes):
        await asyncio.sleep(0)
    print("leaf", name)
    return name

async def branch(name, *parts):
    got = await asyncio.gather(*parts)
    print("branch", name, got)
    return name + "(" + " ".join(got) + ")"

async def main():
    print(await asyncio.gather(
        branch("x", leaf("a", 2), leaf("b", 0)),
        leaf("c", 3),
        branch("y", branch("z", leaf("d", 1), leaf("e", 4)), leaf("f", 0)),
    ))

asyncio.run(main())
