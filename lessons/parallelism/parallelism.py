import asyncio, os, time
from concurrent.futures import ProcessPoolExecutor

def chop(n):
    """Keeps a core busy: counts the primes below n."""
    return sum(map(is_prime, range(2, n)))

def is_prime(n):
    return all(n % d for d in range(2, int(n**0.5) + 1))

async def portion(n):
    return chop(n)

async def main():
    n = 200_000
    start = time.perf_counter()  # one cook: on the loop
    await asyncio.gather(portion(n), portion(n))
    one = time.perf_counter() - start

    loop = asyncio.get_running_loop()
    with ProcessPoolExecutor(2) as cooks:
        start = time.perf_counter()  # two: a core each
        a = loop.run_in_executor(cooks, chop, n)
        b = loop.run_in_executor(cooks, chop, n)
        await asyncio.gather(a, b)
        two = time.perf_counter() - start

    print(f"one cook:  {one:.2f} s")
    print(f"two cooks: {two:.2f} s")
    cores = os.cpu_count()
    print(f"speed-up:  {one / two:.2f} on {cores} cores")

if __name__ == "__main__":
    asyncio.run(main())
