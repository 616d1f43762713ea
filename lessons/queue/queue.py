import asyncio

async def cook(name, q):
    takes = 0.5
    #tour:focus
    while order := await q.get():  # waits if empty
        #tour:end
        print(name, "cooks order", order)
        await asyncio.sleep(takes)

async def main():
    q = asyncio.Queue(2)
    cooks = ["Ann", "Bob"]
    async with asyncio.TaskGroup() as tg:
        for name in cooks:
            tg.create_task(cook(name, q))
        loop = asyncio.get_running_loop()
        start = loop.time()
        for order in range(1, 9):
            #tour:focus
            await q.put(order)  # waits if full
            #tour:end
            at = loop.time() - start
            print(f"order {order} in, {at:.1f} s")
        for _ in cooks:
            await q.put(None)  # the cooks may leave

asyncio.run(main())
