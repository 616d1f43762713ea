"""Two tasks hand a ball to each other through futures; one pass each way."""
import asyncio

async def main():
    loop = asyncio.get_running_loop()
    table = {"ping": loop.create_future(), "pong": loop.create_future()}
    passes = 0
    playing = True

    def tick():
        nonlocal passes
        passes += 1
        if playing:
            loop.call_soon(tick)

    async def player(me, other):
        nonlocal playing
        while True:
            ball = await table[me]
            table[me] = loop.create_future()
            print(me, ball, passes)
            if ball == 0:
                playing = False
                if not table[other].done():
                    table[other].set_result(0)
                return
            table[other].set_result(ball - 1)

    a = asyncio.create_task(player("ping", "pong"))
    b = asyncio.create_task(player("pong", "ping"))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    loop.call_soon(tick)
    table["ping"].set_result(5)
    await a
    await b

asyncio.run(main())
