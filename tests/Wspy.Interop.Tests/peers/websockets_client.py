"""A client on Debian's python3-websockets (10.4) that plays one scenario against an echo server and prints its report as one JSON line.

    /usr/bin/python3 websockets_client.py URL [options as JSON: {"subprotocols": ["chat"], "deflate": null, "code": 4001, "reason": "done", "ca": "cert.pem"}]
"""
import asyncio
import json
import ssl
import sys

import websockets
from websockets.extensions.permessage_deflate import ClientPerMessageDeflateFactory
from websockets.legacy.client import WebSocketClientProtocol
from websockets.version import version

OPTIONS = {"subprotocols": [], "deflate": None, "code": 4001, "reason": "done", "ca": None}
OPTIONS.update(json.loads(sys.argv[2]) if len(sys.argv) > 2 else {})
REPORT = {"peer": f"websockets {version}", "subprotocol": "", "extensions": "", "echoes": [], "pings": [], "pongs": [], "close": None, "error": ""}


class Connection(WebSocketClientProtocol):
    async def pong(self, data=b""):
        # Called for each ping that arrives.
        REPORT["pings"].append(bytes(data).hex())
        await super().pong(data)


def pattern(size):
    """Octets in which a lost, repeated or moved part shows."""
    return bytes((i * 31 + (i >> 8)) & 0xFF for i in range(size))


def again():
    """A text and the same text again, farther away than small windows reach."""
    return "".join(f"{i * 7919 % 10007} " for i in range(500)) * 2


def extensions(deflate):
    """The same wishes for any peer, as this one has them."""
    return deflate and [
        ClientPerMessageDeflateFactory(
            deflate["serverNoContextTakeover"],
            deflate["clientNoContextTakeover"],
            deflate["serverMaxWindowBits"] or None,
            deflate["clientMaxWindowBits"] or (None if deflate["noHint"] else True),
        )
    ]


async def echo(connection, name, message):
    """Sends a message (the items of a list as its fragments) and compares what comes back."""
    whole = message if not isinstance(message, list) else type(message[0])().join(message)
    await connection.send(message)
    answer = await connection.recv()
    size = len(answer.encode()) if isinstance(answer, str) else len(answer)
    REPORT["echoes"].append({"name": name, "size": size, "same": type(answer) is type(whole) and answer == whole})


async def play(connection):
    REPORT["subprotocol"] = connection.subprotocol or ""
    REPORT["extensions"] = connection.response_headers.get("Sec-WebSocket-Extensions", "")
    await echo(connection, "text empty", "")
    await echo(connection, "text", "Hello")
    await echo(connection, "text beyond ASCII", "κόσμε 🌍")
    await echo(connection, "text again and again", again())
    for size in (0, 1, 125, 126, 65535, 65536, 1 << 20):
        await echo(connection, f"binary {size}", pattern(size))
    await echo(connection, "text in fragments", ["κόσ", "", "με ", "🌍"])
    await echo(connection, "binary in fragments", [pattern(1), pattern(126), pattern(65536), b""])
    for payload in (b"wspy", b""):
        await (await connection.ping(payload))
        REPORT["pongs"].append(payload.hex())
    await connection.close(OPTIONS["code"], OPTIONS["reason"])
    REPORT["close"] = {"code": connection.close_code, "reason": connection.close_reason}


async def main():
    tls = ssl.create_default_context(cafile=OPTIONS["ca"]) if sys.argv[1].startswith("wss:") else None
    async with websockets.connect(
        sys.argv[1],
        create_protocol=Connection,
        subprotocols=OPTIONS["subprotocols"] or None,
        compression=None,
        extensions=extensions(OPTIONS["deflate"]),
        max_size=64 << 20,
        ping_interval=None,
        ssl=tls,
    ) as connection:
        await play(connection)


try:
    asyncio.run(asyncio.wait_for(main(), 60))
except Exception as error:  # Whatever went wrong is the report's to tell.
    REPORT["error"] = f"{type(error).__name__}: {error}"
print(json.dumps(REPORT), flush=True)
sys.exit(1 if REPORT["error"] else 0)
