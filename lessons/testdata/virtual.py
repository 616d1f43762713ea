"""Runs a program of asyncio on a clock that jumps: as soon as all tasks wait
and all threads sleep, the next deadline has come. To sleep in a step of a
task takes time of that clock, too. Processes of a pool are threads here,
since they would have clocks of their own."""
import asyncio
import collections
import concurrent.futures
import heapq
import math
import runpy
import selectors
import sys
import threading
import time

now = 0.0
changed = threading.Condition()  # guards all that is below
pools = []
sleepers = []  # a heap: (deadline, number, pool, event)
slept = 0
here = threading.local()  # pool: that of a thread


class Pool(concurrent.futures.Executor):
    def __init__(self, max_workers=None, **_):
        self.size = max_workers or 32
        self.queue, self.threads = collections.deque(), []
        self.unfinished = self.sleeping = 0
        self.closed = False
        pools.append(self)

    def submit(self, fn, /, *args, **kwargs):
        future = concurrent.futures.Future()
        with changed:
            self.queue.append((future, fn, args, kwargs))
            self.unfinished += 1
            if len(self.threads) < min(self.size, self.unfinished):
                self.threads.append(threading.Thread(target=self.work))
                self.threads[-1].start()
            changed.notify_all()
        return future

    def shutdown(self, wait=True, **_):
        with changed:
            self.closed = True
            changed.notify_all()
        for thread in self.threads if wait else ():
            thread.join()

    def work(self):
        here.pool = self
        while True:
            with changed:
                changed.wait_for(lambda: self.queue or self.closed)
                if not self.queue:
                    return
                future, fn, args, kwargs = self.queue.popleft()
            try:
                future.set_result(fn(*args, **kwargs))
            except BaseException as e:
                future.set_exception(e)
            with changed:  # the loop has been told
                self.unfinished -= 1
                changed.notify_all()

    def quiet(self):
        """Whether no thread will do anything before the clock moves."""
        return min(self.unfinished, self.size) == self.sleeping


def sleep(takes):
    global slept
    if not (pool := getattr(here, "pool", None)):
        return advance(now + takes)
    with changed:
        slept, event = slept + 1, threading.Event()
        heapq.heappush(sleepers, (now + takes, slept, pool, event))
        pool.sleeping += 1
        changed.notify_all()
    event.wait()


def settle():
    with changed:
        changed.wait_for(lambda: all(pool.quiet() for pool in pools))


def wake_next():
    global now
    now, _, pool, event = heapq.heappop(sleepers)
    pool.sleeping -= 1
    event.set()


def advance(until):
    """The loop is kept until then."""
    global now
    settle()
    while sleepers and sleepers[0][0] <= until:
        wake_next()
        settle()
    now = until


def stranger():
    """Whether there is a thread that the clock does not know. One that waits
    for the end of a child process does nothing else."""
    known = [thread for pool in pools for thread in pool.threads]
    return any(thread not in known and thread is not threading.main_thread()
               and not thread.name.startswith("asyncio-waitpid")
               for thread in threading.enumerate())


select = selectors.DefaultSelector.select


def jump(self, timeout=None):
    global now
    if timeout is not None and timeout <= 0:
        return select(self, 0)
    until = math.inf if timeout is None else now + timeout
    while True:
        settle()
        if events := select(self, 0):
            return events
        if not sleepers or sleepers[0][0] > until:
            break
        wake_next()
    if timeout is None or stranger():
        return select(self)
    now = until
    return []


selectors.DefaultSelector.select = jump
asyncio.BaseEventLoop.time = lambda self: now
concurrent.futures.ThreadPoolExecutor = Pool
concurrent.futures.ProcessPoolExecutor = Pool
time.sleep = sleep
runpy.run_path(sys.argv[1], run_name="__main__")
