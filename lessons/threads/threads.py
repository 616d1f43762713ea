import asyncio, time

def read_now(file, takes):
    time.sleep(takes)  # and it blocks this thread only
    return f"text of {file}"

async def read(file, takes):
    #tour:focus
    return await asyncio.to_thread(read_now, file, takes)
    #tour:end

async def beats():
    loop, pause = asyncio.get_running_loop(), 0.4
    for beat in range(4):
        due = loop.time() + pause
        await asyncio.sleep(pause)
        late = max(0, loop.time() - due)
        print(f"beat {beat + 1}, {late:.1f} s late")

async def main():
    a = read("a.txt", 1.5)
    b = read("b.txt", 0.9)
    heart = asyncio.create_task(beats(), name="heart")
    #tour:focus
    texts = await asyncio.gather(
        asyncio.create_task(a, name="a.txt"),
        asyncio.create_task(b, name="b.txt"),
    )
    #tour:end
    print("main:", ", ".join(texts))
    await heart

asyncio.run(main())
