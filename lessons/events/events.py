import asyncio

async def guest(name, comes, open):
    await asyncio.sleep(comes)
    print(name, "is at the door")
    #tour:focus
    await open.wait()
    #tour:end
    print(name, "is in")

async def main():
    opens = 1
    late = 1.5
    open = asyncio.Event()
    async with asyncio.TaskGroup() as tg:
        tg.create_task(guest("Ada", 0.2, open))
        tg.create_task(guest("Bob", 0.6, open))
        tg.create_task(guest("Cid", late, open))
        await asyncio.sleep(opens)
        print("the door opens")
        #tour:focus
        open.set()  # nobody has to wait from now on
        #tour:end

asyncio.run(main())
