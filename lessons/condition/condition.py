import asyncio

class Shelf(asyncio.Condition):  # a lock, with a bell
    loaves = 0

    async def customer(self, name, n):
        print(name, "wants", n)
        enough = lambda: self.loaves >= n
        async with self:  # with the lock
            #tour:focus
            await self.wait_for(enough)  # lets go of it
            #tour:end
            self.loaves -= n
            print(name, "buys", n)

async def main():
    ada, bob = 2, 1
    bakes = 0.5
    s = Shelf()
    t1 = asyncio.create_task(s.customer("Ada", ada))
    t2 = asyncio.create_task(s.customer("Bob", bob))
    for n in range(ada + bob):
        await asyncio.sleep(bakes)
        #tour:focus
        async with s:
            s.loaves += 1
            print("a loaf is ready")
            s.notify_all()  # rings: all look again
        #tour:end
    await asyncio.gather(t1, t2)

asyncio.run(main())
