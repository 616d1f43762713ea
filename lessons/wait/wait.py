import asyncio

async def runner(name, takes):
    await asyncio.sleep(takes)
    return name

async def main():
    def start(name, takes):
        work = runner(name, takes)
        return asyncio.create_task(work, name=name)

    race = [
        start("turtle", 3),
        start("hare", 1),
        start("dog", 2),
    ]
    #tour:focus
    done, pending = await asyncio.wait(
        race, return_when=asyncio.FIRST_COMPLETED)
    #tour:end
    for task in done:
        print(f"first: {task.get_name()}")
    print(f"{len(pending)} still run")
    #tour:focus
    for arrival in asyncio.as_completed(pending):
        print("next:", await arrival)
    #tour:end

asyncio.run(main())
