// Runs npm's `ws` as a client against `wspy conform --listen PORT`:
//   node ws.mjs ws://127.0.0.1:9001 [agent] [cases at once]
import { WebSocket } from 'ws';

const [base, agent = 'ws', parallel = '8'] = process.argv.slice(2);

/** Asks one question: the answer is one text message. */
function ask(path) {
  return new Promise((resolve, reject) => {
    let answer = '';
    new WebSocket(base + path, { perMessageDeflate: false })
      .on('message', (data) => (answer = data.toString()))
      .on('error', reject)
      .on('close', () => resolve(answer));
  });
}

/** Runs one case: sends every message back until the connection ends. What fails is for the other side to judge. */
function run(id) {
  return new Promise((resolve) => {
    const socket = new WebSocket(`${base}/case?id=${id}&agent=${agent}`, { perMessageDeflate: false });
    socket.on('message', (data, binary) => socket.send(data, { binary })).on('error', () => {}).on('close', resolve);
  });
}

const cases = (await ask('/cases')).split('\n');
await Promise.all(Array.from({ length: Number(parallel) }, async () => {
  for (let id; (id = cases.shift()); ) await run(id);
}));
console.log(await ask(`/done?agent=${agent}`));
