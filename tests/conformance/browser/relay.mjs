// A TCP relay whose connections a scenario can cut, and which then refuses new ones until it is told otherwise.
import { createServer, connect } from 'node:net';

export async function relay(host, port) {
  const open = new Set();
  let refusing = false;
  const server = createServer((inner) => {
    if (refusing) { inner.destroy(); return; }
    const outer = connect(port, host);
    for (const [a, b] of [[inner, outer], [outer, inner]]) {
      open.add(a);
      a.on('error', () => {});
      a.on('close', () => { open.delete(a); b.destroy(); });
      a.pipe(b);
    }
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  return {
    port: server.address().port,
    cut() { refusing = true; for (const socket of open) socket.resetAndDestroy(); },
    mend() { refusing = false; },
    close() { for (const socket of open) socket.destroy(); server.close(); },
  };
}
