"""Runs a program of asyncio on a clock that jumps: as soon as all tasks wait,
the next deadline has come."""
import asyncio
import runpy
import selectors
import sys

now = 0.0
select = selectors.DefaultSelector.select


def jump(self, timeout=None):
    global now
    if timeout is None:
        return select(self)  # only another thread can wake the loop
    events = select(self, 0)
    if not events:
        now += max(0, timeout)
    return events


selectors.DefaultSelector.select = jump
asyncio.BaseEventLoop.time = lambda self: now
runpy.run_path(sys.argv[1], run_name="__main__")
