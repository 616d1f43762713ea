"""join returns when every item has been worked on; workers are cancelled afterwards."""
import asyncio

async def main():
    q = asyncio.Queue()

    async def worker(name):
        try:
            while True:
                n = await q.get()
                await asyncio.sleep(n / 100)
                print(name, "did", n)
                q.task_done()
        finally:
            print(name, "stops")

    ws = [asyncio.create_task(worker(n)) for n in "ab"]
    for n in (3, 1, 4, 1):
        q.put_nowait(n)
    await q.join()
    print("joined", q.qsize())
    for w in ws:
        w.cancel()
    await asyncio.gather(*ws, return_exceptions=True)

asyncio.run(main())
