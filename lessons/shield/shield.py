import asyncio

async def send(what, takes):
    try:
        await asyncio.sleep(takes)
    except asyncio.CancelledError:
        print(f"{what}: canceled")
        raise
    print(f"{what}: sent")
    return f"receipt of the {what}"

async def main():
    letter = asyncio.create_task(send("letter", 3))
    payment = asyncio.create_task(send("payment", 3))

    try:
        await asyncio.wait_for(letter, 1)
    except TimeoutError:
        print("main: too slow, there will be no letter")

    try:
        shielded = asyncio.shield(payment)
        await asyncio.wait_for(shielded, 1)
    except TimeoutError:
        print("main: too slow, but the payment goes on")

    receipt = await payment
    print("main:", receipt)

asyncio.run(main())
