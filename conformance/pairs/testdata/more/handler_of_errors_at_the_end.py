"""A task that fails when run cancels it at the end is told to the exception handler; a cancelled one is not."""
import asyncio

async def left(name, fail):
    try:
        await asyncio.sleep(1)
    finally:
        print(name, "cleans up")
        if fail:
            raise RuntimeError(name + " fails")

async def main():
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda loop, context: print("handler:", context["exception"]))
    main.tasks = [asyncio.create_task(left("good", False)), asyncio.create_task(left("bad", True))]
    await asyncio.sleep(0.01)
    main.tasks[0].cancel()
    await asyncio.sleep(0.01)
    print("main ends")

asyncio.run(main())
print("after run")
