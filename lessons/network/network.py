import asyncio

class Link:  # from one host to another: not of asyncio
    def __init__(self):
        self.cut, self.arrived = False, asyncio.Queue()

    def send(self, what):
        asyncio.create_task(self.travel(what, self.cut))

    async def travel(self, what, lost):
        await asyncio.sleep(0.1)
        if not lost:
            self.arrived.put_nowait(what)

async def bank(to_bank, to_shop):
    balance, paid, once = 100, set(), False
    while True:
        order = await to_bank.arrived.get()
        if not (once and order in paid):
            balance -= 30
            paid.add(order)
        print("bank: the balance is", balance)
        to_shop.send("paid")

async def shop(to_bank, to_shop):
    while True:
        to_bank.send("order 7")
        try:
            #tour:focus
            async with asyncio.timeout(1):
                await to_shop.arrived.get()
            #tour:end
            print("shop: the order is paid")
            return
        except TimeoutError:
            print("shop: no answer, once more")

async def main():
    lost = 0.7
    to_bank, to_shop = Link(), Link()
    async with asyncio.TaskGroup() as group:
        b = group.create_task(bank(to_bank, to_shop))
        group.create_task(shop(to_bank, to_shop))
        #tour:focus
        await asyncio.sleep(0.05)
        to_shop.cut = True  # answers are lost
        await asyncio.sleep(lost)
        to_shop.cut = False
        #tour:end
        await asyncio.sleep(2)
        b.cancel()

asyncio.run(main())
