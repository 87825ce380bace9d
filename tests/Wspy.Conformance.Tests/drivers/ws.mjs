// Leads npm's `ws` through the cases of `wspy conform --listen 9001`. Run it where ws is installed:
//   node ws.mjs ws://127.0.0.1:9001 [agent] [cases at once]
import { createRequire } from 'node:module';

const { WebSocket } = createRequire(`${process.cwd()}/`)('ws');
const [base, agent = 'ws', parallel = '8'] = process.argv.slice(2);

/** Opens a URL, sends every message back, and resolves to the last one when the connection ends, however it ends. */
function play(path) {
  return new Promise((resolve) => {
    let last = '';
    const socket = new WebSocket(base + path, { perMessageDeflate: true });
    socket.on('message', (data, binary) => {
      last = data;
      socket.send(data, { binary });
    });
    socket.on('error', () => {});
    socket.on('close', () => resolve(last.toString()));
  });
}

const cases = (await play(`/cases?agent=${agent}`)).split('\n');
await Promise.all(Array.from({ length: Number(parallel) }, async () => {
  for (let id; (id = cases.shift()); ) await play(`/case?id=${id}&agent=${agent}`);
}));
console.log(await play(`/done?agent=${agent}`));
