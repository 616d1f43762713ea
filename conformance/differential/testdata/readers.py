"""Reads streams with asyncio.StreamReader, and prints what each reading gives.

    python3 readers.py readings.json

A reading is described in readers_test.go. What comes from the stream comes one part at a time, when the reader waits.
"""
import asyncio
import json
import sys


class Broken(Exception):
    pass


class Reader(asyncio.StreamReader):
    def __init__(self, reading):
        super().__init__(limit=reading["Limit"], loop=asyncio.get_running_loop())
        self.parts, self.broken = list(reading["Parts"] or []), reading["Broken"]

    async def _wait_for_data(self, func_name):
        if self.parts:
            self.feed_data(self.parts.pop(0).encode())
        elif self.broken:
            raise Broken
        else:
            self.feed_eof()


async def read(reader, o):
    n, seps = o.get("N", 0), [sep.encode() for sep in o.get("Seps", [])]
    match o["Kind"]:
        case "line":
            return await reader.readline()
        case "until":
            return await reader.readuntil(tuple(seps))
        case "exactly":
            return await reader.readexactly(n)
        case "all":
            return await reader.read()
    return await reader.read(n)


async def lines_of(reading):
    reader, lines = Reader(reading), []
    for o in reading["Ops"]:
        try:
            what = "got " + (await read(reader, o)).decode()
        except asyncio.IncompleteReadError as e:
            what = f"incomplete {e.partial.decode()}"
        except asyncio.LimitOverrunError as e:
            what = f"limit {e.consumed}"
        except ValueError:
            what = "limit"
        except Broken:
            lines.append("broken")
            break
        lines.append(f"{what} {'end' if reader.at_eof() else 'more'}")
    return lines


async def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        json.dump([await lines_of(reading) for reading in json.load(file)], sys.stdout)


if __name__ == "__main__":
    asyncio.run(main())
