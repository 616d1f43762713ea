"""An error in a callback goes to the exception handler; the other callbacks and the loop go on."""
import asyncio

async def main():
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda loop, context: print("handler:", context["exception"]))

    def bad(text):
        raise RuntimeError(text)

    fut = loop.create_future()
    fut.add_done_callback(lambda f: print("first"))
    fut.add_done_callback(lambda f: bad("done callback"))
    fut.add_done_callback(lambda f: print("third"))
    loop.call_soon(bad, "call_soon")
    loop.call_soon(fut.set_result, None)
    loop.call_later(0.01, bad, "call_later")
    await fut
    print("main goes on")
    await asyncio.sleep(0.02)
    print("end")

asyncio.run(main())
