// npm's `ws` as an echo server, to compare with: permessage-deflate with zlib's defaults, for every message however short.
//   node ws.mjs PORT
// The package is the one of the tests (npm ci --prefix tests/Wspy.Interop.Tests/peers).
import { createRequire } from 'node:module';

const { WebSocketServer } = createRequire(new URL('../../tests/Wspy.Interop.Tests/peers/', import.meta.url))('ws');
const server = new WebSocketServer({
  host: '127.0.0.1',
  port: Number(process.argv[2]),
  perMessageDeflate: { threshold: 0, zlibDeflateOptions: { level: 6, memLevel: 8, windowBits: 15 } },
});
server.on('connection', (socket) => {
  socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }));
  socket.on('error', () => {});
});
