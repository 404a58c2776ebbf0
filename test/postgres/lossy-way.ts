// Owns a way to PostgreSQL on which an answer can be lost: what was asked has been done, and nobody hears of it.

import { connect, createServer, type Socket } from 'node:net';

export type LossyWay = AsyncDisposable & {
  readonly url: string;
  /** The answers to the next `count` statements are lost, each with its connection. Resolves when all were. */
  loseAnswers(count: number): Promise<void>;
};

/** A loopback proxy before the server that `url` names. */
export async function lossyWay(url: string): Promise<LossyWay> {
  const to = new URL(url);
  const open = new Set<Socket>();
  let toLose = 0;
  let lost = () => {};
  const proxy = createServer((near) => {
    const far = connect(Number(to.port), to.hostname);
    for (const socket of [near, far]) {
      open.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        near.destroy();
        far.destroy();
        open.delete(socket);
      });
    }
    let asked = false;
    near.on('data', (data) => {
      // A statement's messages end with Sync; what comes at login and as a simple query does not.
      asked = data.subarray(-5).toString('latin1') === 'S\0\0\0\x04';
      far.write(data);
    });
    far.on('data', (data) => {
      if (toLose === 0 || !asked) {
        near.write(data);
        return;
      }
      toLose -= 1;
      near.destroy();
      if (toLose === 0) lost();
    });
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const address = proxy.address();
  const near = new URL(url);
  near.port = String(typeof address === 'object' && address ? address.port : 0);
  return {
    url: near.href,
    loseAnswers(count) {
      toLose = count;
      return new Promise((resolve) => {
        lost = resolve;
      });
    },
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => proxy.close(resolve));
    },
  };
}
