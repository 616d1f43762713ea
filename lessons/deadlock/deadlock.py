import asyncio

async def cook(tools, name, first, then):
    async with tools[first]:
        print(f"{name} has the {first}")
        reach = 0.3
        await asyncio.sleep(reach)
        async with tools[then]:
            print(f"{name} has the {then} and chops")

async def main():
    knife, board = asyncio.Lock(), asyncio.Lock()
    tools = {"knife": knife, "board": board}
    first, then = "knife", "board"
    coro = cook(tools, "Ann", first, then)
    ann = asyncio.create_task(coro, name="Ann")
    first, then = then, first
    coro = cook(tools, "Bob", first, then)
    bob = asyncio.create_task(coro, name="Bob")
    both = [ann, bob]
    #tour:focus
    _, stuck = await asyncio.wait(both, timeout=1)
    for task in sorted(stuck, key=both.index):
        frame = task.get_stack()[0]  # where it stands
        wants = frame.f_locals["then"]
        name = task.get_name()
        print(f'{name} waits for lock "{wants}"')
    #tour:end
    if stuck:
        bob.cancel()  # gives back what he has
        await ann

asyncio.run(main())
