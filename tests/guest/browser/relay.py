"""Carries connections: relay.py FROM TO [FROM TO…], each HOST:PORT or the path of a Unix socket. Says when it listens."""
import asyncio
import sys


def is_path(place):
    return "/" in place


async def carry(reader, writer):
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    except OSError:
        pass
    finally:
        writer.close()


async def main(places):
    servers = []
    for here, there in zip(places[::2], places[1::2]):
        async def connected(reader, writer, there=there):
            try:
                if is_path(there):
                    onward = await asyncio.open_unix_connection(there)
                else:
                    onward = await asyncio.open_connection(*there.rsplit(":", 1))
            except OSError:
                return writer.close()
            await asyncio.gather(carry(reader, onward[1]), carry(onward[0], writer))
        if is_path(here):
            servers.append(await asyncio.start_unix_server(connected, here))
        else:
            servers.append(await asyncio.start_server(connected, *here.rsplit(":", 1)))
    ports = [server.sockets[0].getsockname()[1] for server in servers if server.sockets[0].family != 1]
    print(*ports, flush=True)
    await asyncio.gather(*(server.serve_forever() for server in servers))

try:
    asyncio.run(main(sys.argv[1:]))
except KeyboardInterrupt:
    pass
