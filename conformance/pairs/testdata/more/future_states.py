"""A future is pending, then done with a value, an error or cancelled, once."""
import asyncio

def show(fut):
    try:
        return "result " + str(fut.result())
    except asyncio.CancelledError:
        return "cancelled"
    except asyncio.InvalidStateError:
        return "invalid state"
    except Exception as e:
        return "error " + str(e)

async def main():
    loop = asyncio.get_running_loop()
    a, b, c = (loop.create_future() for _ in range(3))
    print(show(a), a.done(), a.cancelled())
    a.set_result(1)
    b.set_exception(ValueError("bad"))
    print("cancel", c.cancel(), c.cancel())
    for fut in (a, b, c):
        print(show(fut), fut.done(), fut.cancelled(), fut.cancel())
        try:
            fut.set_result(2)
        except asyncio.InvalidStateError:
            print("no second result")
        try:
            fut.set_exception(KeyError())
        except asyncio.InvalidStateError:
            print("no error after it")
        print(show(fut))

asyncio.run(main())
