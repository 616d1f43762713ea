import asyncio

async def fetch(page, takes):
    print("fetching", page)
    await asyncio.sleep(takes)
    return f"the text of {page}"

async def main():
    try:
        async with asyncio.timeout(1.5):
            for page in "page 1", "page 2", "page 3":
                text = await fetch(page, 1)
                print("got", text)
    except TimeoutError:
        print("time is up")

    text = await asyncio.wait_for(fetch("page 4", 1), 2)
    print("got", text)

asyncio.run(main())
