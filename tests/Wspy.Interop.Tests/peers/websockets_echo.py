"""An echo server on Debian's python3-websockets (10.4). Prints "listening PORT", then one JSON line per event.

    /usr/bin/python3 websockets_echo.py [options as JSON: {"subprotocols": ["chat"], "compress": false, "deflate": null, "certificate": "cert.pem", "key": "key.pem"}]

A text "!ping PAYLOAD" is answered by a ping, "!close CODE REASON" by a close; all else is echoed. Ends with its standard input.
"""
import asyncio
import json
import os
import ssl
import sys
import threading

import websockets
from websockets.extensions.permessage_deflate import ServerPerMessageDeflateFactory
from websockets.legacy.server import WebSocketServerProtocol

OPTIONS = json.loads(sys.argv[1]) if len(sys.argv) > 1 else {}


def report(**event):
    print(json.dumps(event), flush=True)


class Connection(WebSocketServerProtocol):
    async def pong(self, data=b""):
        # Called for each ping that arrives.
        report(event="ping", payload=bytes(data).hex())
        await super().pong(data)


def extensions(deflate):
    """The same wishes for any peer, as this one has them."""
    return deflate and [
        ServerPerMessageDeflateFactory(
            deflate["serverNoContextTakeover"],
            deflate["clientNoContextTakeover"],
            deflate["serverMaxWindowBits"] or None,
            deflate["clientMaxWindowBits"] or None,
        )
    ]


async def pinged(connection, payload):
    await (await connection.ping(payload))
    report(event="pong", payload=payload.encode().hex())


async def handle(connection, path):
    report(
        event="open",
        path=path,
        origin=connection.request_headers.get("Origin", ""),
        subprotocol=connection.subprotocol or "",
        extensions=connection.response_headers.get("Sec-WebSocket-Extensions", ""),
    )
    tasks = set()
    try:
        async for message in connection:
            command, *rest = message.split(" ") if isinstance(message, str) else [None]
            if command == "!ping":
                tasks.add(asyncio.create_task(pinged(connection, rest[0])))
            elif command == "!close":
                await connection.close(int(rest[0]), " ".join(rest[1:]))
            else:
                await connection.send(message)
    except websockets.ConnectionClosed:
        pass  # Told below, as every other end.
    await connection.wait_closed()
    report(event="close", code=connection.close_code, reason=connection.close_reason)


def end_with_input():
    sys.stdin.buffer.read()
    os._exit(0)


async def main():
    tls = None
    if "certificate" in OPTIONS:
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(OPTIONS["certificate"], OPTIONS["key"])
    async with websockets.serve(
        handle,
        "127.0.0.1",
        0,
        create_protocol=Connection,
        subprotocols=OPTIONS.get("subprotocols"),
        compression="deflate" if OPTIONS.get("compress") else None,
        extensions=extensions(OPTIONS.get("deflate")),
        max_size=64 << 20,
        ping_interval=None,
        ssl=tls,
    ) as server:
        print("listening", server.sockets[0].getsockname()[1], flush=True)
        threading.Thread(target=end_with_input, daemon=True).start()
        await asyncio.Future()


asyncio.run(main())
