import asyncio, logging, time

async def hog(takes):
    print("hog: only a moment")
    time.sleep(takes)  # blocks the loop

async def heartbeat(pause):
    for beat in range(4):
        print("heartbeat", beat + 1)
        await asyncio.sleep(pause)

class Watchdog(logging.Handler):
    def emit(self, record):  # "Executing <Task ...>"
        task = record.getMessage().split("'")[1]
        print(f"watchdog: {task} keeps the loop")

async def main():
    logging.getLogger("asyncio").addHandler(Watchdog())
    loop = asyncio.get_running_loop()
    loop.slow_callback_duration = 0.25

    heart = asyncio.create_task(heartbeat(0.5))
    await asyncio.sleep(0.75)
    task = asyncio.create_task(hog(1), name="hog")
    await heart

asyncio.run(main(), debug=True)
