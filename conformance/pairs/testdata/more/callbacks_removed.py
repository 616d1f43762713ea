"""A done callback can be taken back; callbacks added by callbacks run a pass later."""
import asyncio

async def main():
    loop = asyncio.get_running_loop()
    fut = loop.create_future()

    def gone(f):
        print("never")

    def second_round(f):
        print("added by a callback")

    def first(f):
        print("first", f.result())
        f.add_done_callback(second_round)

    fut.add_done_callback(gone)
    fut.add_done_callback(first)
    fut.add_done_callback(lambda f: print("last of the first round"))
    print("removed", fut.remove_done_callback(gone))
    print("removed again", fut.remove_done_callback(gone))
    fut.set_result("ok")
    print("set")
    await asyncio.sleep(0)
    print("one pass later")
    await asyncio.sleep(0)
    print("two passes later")

asyncio.run(main())
