"""A task created in main's last step begins in the pass in which main's end is noticed."""
import asyncio

async def late(name):
    try:
        print(name, "begins")
        await asyncio.sleep(1)
    finally:
        print(name, "ends")

async def main():
    asyncio.create_task(late("late"))
    asyncio.get_running_loop().call_soon(print, "callback")
    print("main ends")

asyncio.run(main())
print("after run")
