import asyncio

async def ask(shop):                       # stands for a request to a shop
    await asyncio.sleep(shop["seconds"])
    if shop["price"] is None:
        raise LookupError(f"{shop['name']} does not have it")
    return shop["price"]

async def worker(shops, prices):
    while True:
        try:
            shop = await shops.get()
        except asyncio.QueueShutDown:
            return
        try:
            async with asyncio.timeout(1):
                prices[shop["name"]] = await ask(shop)
        except (TimeoutError, LookupError) as err:
            print(f"{shop['name']}: {'too slow' if isinstance(err, TimeoutError) else err}")

async def main(all_shops):
    shops = asyncio.Queue(maxsize=2)
    prices = {}
    async with asyncio.TaskGroup() as tg:
        for _ in range(3):
            tg.create_task(worker(shops, prices))
        for shop in all_shops:
            await shops.put(shop)
        shops.shutdown()
    return prices

if __name__ == "__main__":
    print(asyncio.run(main([
        {"name": "A", "seconds": 0.2, "price": 12},
        {"name": "B", "seconds": 5, "price": 7},
        {"name": "C", "seconds": 0.1, "price": None},
        {"name": "D", "seconds": 0.3, "price": 10},
    ])))
