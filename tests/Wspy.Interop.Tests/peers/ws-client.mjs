// A client on npm's `ws` that plays one scenario against an echo server and prints its report as one JSON line.
//   node ws-client.mjs URL [options as JSON: {"subprotocols": ["chat"], "deflate": null, "code": 4001, "reason": "done", "ca": "cert.pem"}]
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { WebSocket } from 'ws';

const [url, json] = process.argv.slice(2);
const options = { subprotocols: [], deflate: null, code: 4001, reason: 'done', ...JSON.parse(json ?? '{}') };
const version = createRequire(import.meta.url)('ws/package.json').version;
const report = { peer: `ws ${version}`, subprotocol: '', extensions: '', echoes: [], pings: [], pongs: [], close: null, error: '' };

const deadline = setTimeout(() => finish('the scenario took more than 60 s'), 60_000);

function finish(error = '') {
  clearTimeout(deadline);
  report.error = error;
  process.stdout.write(`${JSON.stringify(report)}\n`, () => process.exit(error ? 1 : 0));
}

/** Octets in which a lost, repeated or moved part shows. */
function pattern(size) {
  const data = Buffer.alloc(size);
  for (let i = 0; i < size; i++) data[i] = (i * 31 + (i >> 8)) & 0xff;
  return data;
}

/** A text and the same text again, farther away than small windows reach. */
function again() {
  const text = Array.from({ length: 500 }, (_, i) => `${(i * 7919) % 10007} `).join('');
  return text + text;
}

/** The same wishes for any peer, as ws has them. */
function perMessageDeflate(deflate) {
  return deflate ? {
    serverNoContextTakeover: deflate.serverNoContextTakeover || undefined,
    clientNoContextTakeover: deflate.clientNoContextTakeover || undefined,
    serverMaxWindowBits: deflate.serverMaxWindowBits || undefined,
    clientMaxWindowBits: deflate.clientMaxWindowBits || (deflate.noHint ? false : undefined),
  } : false;
}

const socket = new WebSocket(url, options.subprotocols, {
  perMessageDeflate: perMessageDeflate(options.deflate),
  ca: options.ca && readFileSync(options.ca),
});
const received = [];
let waiting = null;

socket.on('message', (data, isBinary) => {
  received.push({ data, isBinary });
  waiting?.();
});
socket.on('ping', (payload) => report.pings.push(payload.toString('hex')));
socket.on('pong', (payload) => {
  report.pongs.push(payload.toString('hex'));
  waiting?.();
});
socket.on('error', (error) => finish(error.message));
socket.on('unexpected-response', (_, response) => finish(`answered ${response.statusCode}`));
// The header as it came; the socket's own property has names only.
let header = '';
socket.on('upgrade', (response) => (header = response.headers['sec-websocket-extensions'] ?? ''));
socket.on('close', (code, reason) => {
  report.close = { code, reason: reason.toString() };
  finish();
});

async function until(condition) {
  while (!condition()) await new Promise((resolve) => (waiting = resolve));
}

/** Sends the parts as the fragments of one message and compares what comes back. */
async function echo(name, parts, binary) {
  const whole = Buffer.concat(parts.map((part) => Buffer.from(part)));
  parts.forEach((part, index) => socket.send(part, { binary, fin: index === parts.length - 1 }));
  await until(() => received.length > 0);
  const { data, isBinary } = received.shift();
  report.echoes.push({ name, size: data.length, same: isBinary === binary && data.equals(whole) });
}

socket.on('open', async () => {
  report.subprotocol = socket.protocol;
  report.extensions = header;
  await echo('text empty', [''], false);
  await echo('text', ['Hello'], false);
  await echo('text beyond ASCII', ['κόσμε 🌍'], false);
  await echo('text again and again', [again()], false);
  for (const size of [0, 1, 125, 126, 65535, 65536, 1 << 20]) {
    await echo(`binary ${size}`, [pattern(size)], true);
  }
  await echo('text in fragments', ['κόσ', '', 'με ', '🌍'], false);
  await echo('binary in fragments', [pattern(1), pattern(126), pattern(65536), Buffer.alloc(0)], true);
  await echo('code point across fragments', [Buffer.from([0xf0, 0x9f]), Buffer.from([0x8c, 0x8d])], false);
  socket.ping('wspy');
  socket.ping();
  await until(() => report.pongs.length === 2);
  socket.close(options.code, options.reason);
});
