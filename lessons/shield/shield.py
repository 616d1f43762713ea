import asyncio

async def send(what, takes):
    try:
        await asyncio.sleep(takes)
    except asyncio.CancelledError:
        print(f"{what}: canceled")
        raise
    print(f"{what}: sent")
    return f"the receipt of the {what}"

async def main():
    takes, patience = 2, 0.5
    letter = asyncio.create_task(
        send("letter", takes), name="letter")
    payment = asyncio.create_task(
        send("payment", takes), name="payment")
    try:
        #tour:focus
        await asyncio.wait_for(letter, patience)
        #tour:end
    except TimeoutError:
        print("main: waits no more for the letter")
    try:
        #tour:focus
        shielded = asyncio.shield(payment)
        await asyncio.wait_for(shielded, patience)
        #tour:end
    except TimeoutError:
        print("main: waits no more for the payment")
    receipt = await payment
    print("main: has", receipt)

asyncio.run(main())
