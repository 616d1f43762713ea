"""Errors of different kinds in one group, told apart as except* does."""
import asyncio

async def fail(e):
    raise e

async def main():
    for errors in ([ValueError("v"), KeyError("k"), OSError("o"), ValueError("w")], [OSError("o")], [KeyError("k")]):
        try:
            async with asyncio.TaskGroup() as tg:
                for e in errors:
                    tg.create_task(fail(e))
        except* ValueError as eg:
            print("values", [e.args[0] for e in eg.exceptions])
        except* (KeyError, OSError) as eg:
            print("others", [e.args[0] for e in eg.exceptions])

asyncio.run(main())
