import asyncio

async def serve(reader, writer):  # a task for each
    letter = 0.2
    name = await reader.readline()  # waits for it
    await asyncio.sleep((len(name) - 1) * letter)
    writer.write(b"a cup for " + name)
    writer.close()

async def client(name, port):
    #tour:focus
    reader, writer = await asyncio.open_connection(
        "127.0.0.1", port)
    #tour:end
    print(name, "orders")
    writer.write(f"{name}\n".encode())
    answer = await reader.readline()
    print(name, "gets", answer.decode().strip())
    writer.close()

async def main():
    #tour:focus
    server = await asyncio.start_server(
        serve, "127.0.0.1", 0)
    #tour:end
    port = server.sockets[0].getsockname()[1]
    second = "Al"
    await asyncio.gather(
        client("Carl", port), client(second, port),
    )
    server.close()

asyncio.run(main())
