import asyncio

async def download(takes):
    print("download: starts")
    try:
        await asyncio.sleep(takes)
    except asyncio.CancelledError:
        print("download: canceled, removes its file")
        await asyncio.sleep(takes / 6)
        raise

async def main():
    task = asyncio.create_task(download(3))
    await asyncio.sleep(1)

    task.cancel()  # a request: the task decides
    print("main: asked the download to stop")
    try:
        await task
    except asyncio.CancelledError:
        print("main: the download was canceled")

asyncio.run(main())
