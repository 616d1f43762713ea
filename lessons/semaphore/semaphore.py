import asyncio

async def download(page, permits, takes):
    #tour:focus
    async with permits:  # waits for a permit
        #tour:end
        print(page, "begins")
        await asyncio.sleep(takes)
        print(page, "is here")

async def main():
    permits = asyncio.Semaphore(2)
    takes = 0.5
    pages = 5
    start = asyncio.get_running_loop().time()
    async with asyncio.TaskGroup() as tg:
        for n in range(pages):
            page = f"page {n + 1}"
            coro = download(page, permits, takes)
            tg.create_task(coro)
    took = asyncio.get_running_loop().time() - start
    print(f"{pages} pages in {took:.1f} s")

asyncio.run(main())
