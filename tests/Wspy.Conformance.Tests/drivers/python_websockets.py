"""Leads Python's `websockets` through the cases of `wspy conform --listen 9001`:

    python3 python_websockets.py ws://127.0.0.1:9001 [agent] [cases at once]
"""
import asyncio
import sys

import websockets

base, agent, parallel = [*sys.argv[1:], *["websockets", "8"][len(sys.argv) - 2:]]


async def play(path):
    """Opens a URL, sends every message back, and returns the last one when the connection ends, however it ends."""
    last = ""
    try:
        async with websockets.connect(base + path, max_size=64 << 20, ping_interval=None) as connection:
            async for last in connection:
                await connection.send(last)
    except Exception:
        pass  # What went wrong is for the suite to judge.
    return last


async def run(cases):
    while cases:
        await play(f"/case?id={cases.pop(0)}&agent={agent}")


async def main():
    cases = (await play(f"/cases?agent={agent}")).split()
    await asyncio.gather(*(run(cases) for _ in range(int(parallel))))
    print(await play(f"/done?agent={agent}"))


asyncio.run(main())
