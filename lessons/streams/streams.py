import asyncio

async def serve(reader, writer):  # for each client, a task
    letter = 0.2
    name = (await reader.readline()).decode().strip()
    await asyncio.sleep(len(name) * letter)
    writer.write(f"a cup for {name}\n".encode())
    writer.close()

async def client(name, port):
    #tour:focus
    reader, writer = await asyncio.open_connection(
        "127.0.0.1", port)
    #tour:end
    print(name, "orders")
    writer.write(f"{name}\n".encode())
    answer = (await reader.readline()).decode().strip()
    print(name, "gets", answer)
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
