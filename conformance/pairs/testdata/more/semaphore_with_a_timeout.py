"""A timeout while waiting for a permit takes the waiter out of the line."""
import asyncio

async def main():
    sem = asyncio.Semaphore(2)

    async def use(name, patience, delay):
        try:
            async with asyncio.timeout(patience):
                await sem.acquire()
        except TimeoutError:
            print(name, "gives up", sem.locked())
            return
        print(name, "begins")
        await asyncio.sleep(delay)
        print(name, "ends")
        sem.release()

    await asyncio.gather(use("a", 1, 0.03), use("b", 1, 0.05), use("c", 0.02, 1), use("d", 0.04, 0.04), use("e", 1, 0.01))
    print(sem.locked())

asyncio.run(main())
