"""Runs whole scripts, asyncio.run included, and prints a list of what each of them prints.

    python3 scripts.py SWITCH,SWITCH... a.py b.py ...
"""
import asyncio
import contextlib
import functools
import gc
import io
import json
import sys
import traceback

import reference


class Loop(reference.Loop):
    """A loop for scripts that know a real clock, which never shows the same time twice."""

    def time(self):
        self.now += 2.0**-40
        return self.now


def output_of(file):
    out = io.StringIO()
    with open(file, encoding="utf-8") as source, contextlib.redirect_stdout(out):
        try:
            exec(compile(source.read(), file, "exec"), {"__name__": "__main__"})
        except Exception:
            traceback.print_exc()
        gc.collect()
    return out.getvalue()


def main():
    reference.turn_on({name for name in sys.argv[1].split(",") if name})
    asyncio.run = functools.partial(asyncio.run, loop_factory=Loop)
    asyncio.Runner = functools.partial(asyncio.Runner, loop_factory=Loop)
    json.dump([output_of(file) for file in sys.argv[2:]], sys.stdout)


if __name__ == "__main__":
    main()
