import asyncio, time

def work(takes):  # stands for work: a core is busy
    time.sleep(takes)

async def main():
    takes, turns, yields = 0.25, 3, True
    order = []  # needs no lock: see who touches it

    def turn(name):
        order.append(name)
        print(name, "has the loop")
        work(takes)  # and keeps it

    async def worker(name):
        for _ in range(turns):
            turn(name)
            if yields:
                #tour:focus
                await asyncio.sleep(0)  # others first
                #tour:end

    #tour:focus
    a = asyncio.create_task(worker("A"), name="A")
    b = asyncio.create_task(worker("B"), name="B")
    loop = asyncio.get_running_loop()
    loop.call_soon(turn, "callback")
    turn("main")  # the others are ready; main goes on
    await asyncio.gather(a, b)  # main waits: it lets go
    #tour:end
    print("order:", " ".join(order))

asyncio.run(main())
