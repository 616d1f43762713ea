"""An echo server on asyncio or uvloop, with streams or a protocol.

    echo.py LOOP API BUFFER [CERT KEY]

It prints its address, then answers each line of its standard input, as JSON,
until there are no more.
"""

import asyncio
import gc
import json
import os
import resource
import ssl
import sys
import threading


class Echo(asyncio.Protocol):
    def connection_made(self, transport):
        self.transport = transport

    def data_received(self, data):
        self.transport.write(data)

    def pause_writing(self):
        self.transport.pause_reading()

    def resume_writing(self):
        self.transport.resume_reading()


async def echo(reader, writer, buffer):
    try:
        while data := await reader.read(buffer):
            writer.write(data)
            await writer.drain()
    except ConnectionError:
        pass
    finally:
        writer.close()


def tls(cert, key):
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(cert, key)
    # As crypto/tls does on its own: the client's choice, AES-128-GCM.
    context.options &= ~ssl.OP_CIPHER_SERVER_PREFERENCE
    return context


async def serve(api, buffer, context):
    where = {"host": "127.0.0.1", "port": 0, "ssl": context, "backlog": 4096}
    if api == "streams":
        server = await asyncio.start_server(lambda r, w: echo(r, w, buffer), **where)
    else:
        server = await asyncio.get_running_loop().create_server(Echo, **where)
    host, port = server.sockets[0].getsockname()
    say({"address": f"{host}:{port}"})
    threading.Thread(target=answer, daemon=True).start()
    await server.serve_forever()


def say(what):
    print(json.dumps(what), flush=True)


def answer():
    for line in sys.stdin:
        if line == "usage\n":
            used = resource.getrusage(resource.RUSAGE_SELF)
            say({"user": int(used.ru_utime * 1e9), "sys": int(used.ru_stime * 1e9)})
        else:
            gc.collect()
            say({})
    os._exit(0)


def main(loop, api, buffer, *pair):
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    factory = None
    if loop == "uvloop":
        import uvloop

        factory = uvloop.new_event_loop
    with asyncio.Runner(loop_factory=factory) as runner:
        runner.run(serve(api, int(buffer), tls(*pair) if pair else None))


main(*sys.argv[1:])
