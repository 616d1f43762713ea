import asyncio

async def fetch(page, takes):
    print("fetching", page)
    await asyncio.sleep(takes)
    return page

async def main():
    takes, limit = 1, 1.5
    got = 0
    try:
        #tour:focus
        async with asyncio.timeout(limit):  # for all
            for page in "page 1", "page 2", "page 3":
                await fetch(page, takes)
                got += 1
        #tour:end
    except TimeoutError:
        pass
    print(f"got {got} of 3 pages within {limit:.1f} s")
    try:
        page = await asyncio.wait_for(
            fetch("page 4", takes), limit)
    except TimeoutError:
        page = "nothing"
    print(f"got {page} within {limit:.1f} s")

asyncio.run(main())
