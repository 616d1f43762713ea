"""Retries, each with its own timeout, until one is in time."""
import asyncio

async def call(attempt):
    try:
        await asyncio.sleep(0.05 - attempt * 0.02)
        if attempt == 2:
            raise ConnectionError("refused")
        return f"answer {attempt}"
    except asyncio.CancelledError:
        print("attempt", attempt, "too slow")
        raise

async def main():
    for attempt in range(5):
        try:
            async with asyncio.timeout(0.02):
                print(await call(attempt))
                break
        except TimeoutError:
            print("retry after a timeout")
        except ConnectionError as e:
            print("retry after", e)
        await asyncio.sleep(0.01)

asyncio.run(main())
