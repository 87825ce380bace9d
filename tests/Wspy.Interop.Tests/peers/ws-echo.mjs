// An echo server on npm's `ws`. Prints "listening PORT", then one JSON line per event.
//   node ws-echo.mjs [options as JSON: {"subprotocols": ["chat"], "compress": false, "deflate": null, "certificate": "cert.pem", "key": "key.pem"}]
// A text "!ping PAYLOAD" is answered by a ping, "!close CODE REASON" by a close; all else is echoed. Ends with its standard input.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { WebSocketServer } from 'ws';

const options = JSON.parse(process.argv[2] ?? '{}');
const report = (event) => console.log(JSON.stringify(event));

/** The same wishes for any peer, as ws has them. */
function perMessageDeflate(deflate) {
  return deflate ? {
    serverNoContextTakeover: deflate.serverNoContextTakeover || undefined,
    clientNoContextTakeover: deflate.clientNoContextTakeover || undefined,
    serverMaxWindowBits: deflate.serverMaxWindowBits || undefined,
    clientMaxWindowBits: deflate.clientMaxWindowBits || (deflate.noHint ? false : undefined),
  } : false;
}

const http = options.certificate
  ? createSecureServer({ cert: readFileSync(options.certificate), key: readFileSync(options.key) })
  : createServer();
const server = new WebSocketServer({
  server: http,
  perMessageDeflate: perMessageDeflate(options.deflate) || (options.compress ?? false),
  handleProtocols: (offered) => (options.subprotocols ?? []).find((name) => offered.has(name)) ?? false,
});

// The header as it was answered; the socket's own property has names only.
const answers = new WeakMap();
server.on('headers', (headers, request) => {
  const prefix = 'Sec-WebSocket-Extensions: ';
  answers.set(request, headers.find((line) => line.startsWith(prefix))?.slice(prefix.length) ?? '');
});
server.on('connection', (socket, request) => {
  report({ event: 'open', path: request.url, origin: request.headers.origin ?? '', subprotocol: socket.protocol, extensions: answers.get(request) ?? '' });
  socket.on('message', (data, isBinary) => {
    const [command, first, ...rest] = isBinary ? [] : data.toString().split(' ');
    if (command === '!ping') {
      socket.ping(first);
    } else if (command === '!close') {
      socket.close(Number(first), rest.join(' '));
    } else {
      socket.send(data, { binary: isBinary });
    }
  });
  socket.on('ping', (payload) => report({ event: 'ping', payload: payload.toString('hex') }));
  socket.on('pong', (payload) => report({ event: 'pong', payload: payload.toString('hex') }));
  socket.on('error', (error) => report({ event: 'error', message: error.message }));
  socket.on('close', (code, reason) => report({ event: 'close', code, reason: reason.toString() }));
});

http.listen(0, '127.0.0.1', () => console.log(`listening ${http.address().port}`));
process.stdin.on('end', () => process.exit(0)).resume();
