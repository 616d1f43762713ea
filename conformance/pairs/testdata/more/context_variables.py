"""A task inherits the context variables of its creator, as they were; its own do not leak out."""
import asyncio
import contextvars

var = contextvars.ContextVar("var", default="none")

async def child(name, depth):
    print(name, "inherits", var.get())
    var.set(name)
    await asyncio.sleep(0)
    if depth:
        await asyncio.create_task(child(name + "+", depth - 1))
    print(name, "still has", var.get())

async def main():
    first = asyncio.create_task(child("first", 1))
    var.set("main")
    second = asyncio.create_task(child("second", 0))
    var.set("changed")
    await asyncio.gather(first, second, child("third", 0))
    print("main has", var.get())

asyncio.run(main())
