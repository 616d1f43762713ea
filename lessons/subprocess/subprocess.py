import asyncio
from asyncio.subprocess import PIPE

async def read(stdout):
    async for line in stdout:
        print("from the child:", line.decode().strip())

async def main():
    pause = 0.5
    #tour:focus
    child = await asyncio.create_subprocess_exec(
        "sort", stdin=PIPE, stdout=PIPE)
    #tour:end
    coro = read(child.stdout)
    reader = asyncio.create_task(coro, name="reader")
    for word in "tea", "rice", "apples":
        print("to the child:", word)
        child.stdin.write(f"{word}\n".encode())
        await asyncio.sleep(pause)
    print("to the child: that is all")
    #tour:focus
    child.stdin.close()
    await reader
    await child.wait()
    #tour:end
    print("the child has ended")

asyncio.run(main())
