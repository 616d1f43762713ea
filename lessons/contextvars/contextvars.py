import asyncio
from contextvars import ContextVar

user = ContextVar("user")

def log(what):  # nobody tells it for whom it is called
    print(f"{user.get()}: {what}")

async def request(takes):
    log("the request begins")
    mail = asyncio.create_task(send())
    await asyncio.sleep(takes)
    log("the request ends")
    await mail

async def send():
    log("a mail is sent")

async def main():
    d = 0.5
    #tour:focus
    user.set("Ada")
    first = asyncio.create_task(request(2 * d))
    user.set("Bob")
    second = asyncio.create_task(request(d))
    user.set("Cid")
    #tour:end
    log("main waits")
    await asyncio.gather(first, second)

asyncio.run(main())
