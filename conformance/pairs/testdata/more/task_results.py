"""A task's result and error, before and after its end."""
import asyncio

async def good():
    await asyncio.sleep(0)
    return "value"

async def bad():
    await asyncio.sleep(0)
    raise LookupError("lost")

def show(t):
    try:
        return t.result()
    except asyncio.InvalidStateError:
        return "invalid state"
    except asyncio.CancelledError:
        return "cancelled"
    except LookupError as e:
        return "error " + e.args[0]

async def main():
    g = asyncio.create_task(good(), name="good one")
    b = asyncio.create_task(bad(), name="bad one")
    c = asyncio.create_task(good(), name="cancelled one")
    for t in (g, b, c):
        print(t.get_name(), t.done(), show(t))
    c.cancel()
    await asyncio.wait([g, b, c])
    for t in (g, b, c):
        print(t.get_name(), t.done(), t.cancelled(), show(t))

asyncio.run(main())
