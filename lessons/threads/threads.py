import asyncio, time

def read(name, takes):
    time.sleep(takes)  # blocks this thread only
    return f"text of {name}"

async def heartbeat(pause):
    for beat in range(4):
        print("heartbeat", beat + 1)
        await asyncio.sleep(pause)

async def main():
    heart = asyncio.create_task(heartbeat(0.5))
    texts = await asyncio.gather(
        asyncio.to_thread(read, "a.txt", 2),
        asyncio.to_thread(read, "b.txt", 1),
    )
    await heart
    print(", ".join(texts))

asyncio.run(main())
