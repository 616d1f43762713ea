import asyncio, time

async def hog():
    takes, thread = 0.9, False
    print("hog: only a moment")
    #tour:focus
    if not thread:
        time.sleep(takes)  # the loop stands still
    else:
        await asyncio.to_thread(time.sleep, takes)
    #tour:end

async def beats():
    loop, pause = asyncio.get_running_loop(), 0.4
    for beat in range(4):
        due = loop.time() + pause
        await asyncio.sleep(pause)
        late = max(0, loop.time() - due)
        print(f"beat {beat + 1}, {late:.1f} s late")

async def main():
    heart = asyncio.create_task(beats(), name="heart")
    await asyncio.sleep(0.6)
    guilty = asyncio.create_task(hog(), name="hog")
    await asyncio.gather(heart, guilty)

asyncio.run(main())
