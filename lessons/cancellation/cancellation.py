import asyncio

async def download(takes, cleanup):
    print("download: starts")
    #tour:focus
    try:
        await asyncio.sleep(takes)
    except asyncio.CancelledError:
        print("download: canceled, removes its file")
        await asyncio.sleep(cleanup)
        raise
    #tour:end
    finally:
        print("download: ends")

async def main():
    takes, patience, cleanup = 3, 1, 0.5
    start = asyncio.get_running_loop().time()
    work = download(takes, cleanup)
    #tour:focus
    task = asyncio.create_task(work, name="download")
    #tour:end
    await asyncio.sleep(patience)
    #tour:focus
    task.cancel()  # a request: the task decides
    #tour:end
    print("main: asked the download to stop")
    try:
        await task
    except asyncio.CancelledError:
        pass
    took = asyncio.get_running_loop().time() - start
    print(f"main: it ended after {took:.1f} s")

asyncio.run(main())
