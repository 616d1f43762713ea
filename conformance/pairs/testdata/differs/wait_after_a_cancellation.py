"""asyncio cancels one wait: the next one goes on, above all if it need not wait."""
import asyncio

async def stubborn(event):
    try:
        await asyncio.sleep(1)
    except asyncio.CancelledError:
        print("the sleep is cancelled")
    try:
        await event.wait()
        print("the event was set")
    except asyncio.CancelledError:
        print("so is the wait for an event that is set")
        raise

async def main():
    event = asyncio.Event()
    event.set()
    task = asyncio.create_task(stubborn(event))
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait([task])
    print("cancelled", task.cancelled())

asyncio.run(main())
