"""A tree of tasks: first steps run level by level, ends travel upwards."""
import asyncio

async def node(name, depth):
    print("start", name)
    if depth:
        left = asyncio.create_task(node(name + "l", depth - 1))
        right = asyncio.create_task(node(name + "r", depth - 1))
        print("created", name)
        total = await left + await right
    else:
        total = 1
    print("end", name, total)
    return total

print(asyncio.run(node("n", 3)))
