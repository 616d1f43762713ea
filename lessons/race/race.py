import asyncio, collections, contextlib, io, random

async def pay():
    balance = 100

    async def add(n):
        nonlocal balance
        #tour:focus
        before = balance
        await asyncio.sleep(0.2)  # what is it now?
        balance = before + n
        #tour:end
        print(f"{before}{n:+} = {balance}")

    async def rent():
        await asyncio.sleep(0.2)  # is a little later
        await add(-30)

    await asyncio.gather(add(50), rent())
    if balance != 120:
        raise ValueError(f"balance {balance}, not 120")

async def main():
    print("in the usual order:")
    await pay()

class Ready(collections.deque):
    def popleft(self):  # takes any, not the first
        self.rotate(random.randrange(len(self)))
        return super().popleft()

class Mixed(asyncio.SelectorEventLoop):
    def __init__(self):
        super().__init__()
        self._ready = Ready()

    def time(self):  # so that timers end together
        return round(super().time(), 1)

def explore(orders):  # asyncio has no such thing
    for order in range(1, orders + 1):
        random.seed(order)
        out = io.StringIO()
        try:
            runner = asyncio.Runner(loop_factory=Mixed)
            with runner, contextlib.redirect_stdout(out):
                runner.run(pay())
        except ValueError as error:
            print(f"in order {order}:")
            print(out.getvalue(), end="")
            print(f"wrong: {error}")
            print(f"replay: seed={order}")
            return
    print(f"orders: {orders}, all right")

asyncio.run(main())
explore(20)
