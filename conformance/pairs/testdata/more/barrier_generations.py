"""Who comes to a barrier that lets a party go waits for the next one; who is cancelled there is not counted."""
import asyncio

async def main():
    bar = asyncio.Barrier(3)

    async def party(n, rounds):
        for r in range(rounds):
            index = await bar.wait()
            print("party", n, "round", r, "index", index)
            if index == 0:
                print("first sees", bar.n_waiting)

    await asyncio.gather(*(party(n, 3) for n in range(3)))
    print(bar.n_waiting, bar.broken, bar.parties)
    ts = [asyncio.create_task(party(n, 1)) for n in range(7)]
    await asyncio.sleep(0.01)
    print([t.done() for t in ts], bar.n_waiting)
    ts[6].cancel()
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    print(ts[6].cancelled(), bar.n_waiting, bar.broken)
    ts += [asyncio.create_task(party(n, 1)) for n in (10, 11, 12)]
    await asyncio.sleep(0.01)
    await bar.abort()
    print([t.done() for t in ts], bar.n_waiting, bar.broken)

asyncio.run(main())
