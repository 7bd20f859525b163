/** A TCP proxy that cuts, delays and holds back what passes through it. */

import type { AddressInfo } from 'node:net';
import { connect, createServer, type Server, type Socket } from 'node:net';

export interface TcpProxy {
  readonly port: number;
  /** Where connections go from now on, `host:port`. */
  target: string;
  /** Ends a share of the connections at once, without a goodbye; all of them unless `share` is given. */
  cut(share?: () => boolean): number;
  /** Every piece of data waits so long in each direction; 0 for no delay. */
  delay(ms: number): void;
  /** Nothing passes in either direction, connections stay; `false` lets go on what was held. */
  hold(on: boolean): void;
  close(): Promise<void>;
}

interface Pair {
  readonly client: Socket;
  readonly server: Socket;
}

/** Listens on a free port of loopback. */
export async function startTcpProxy(target = ''): Promise<TcpProxy> {
  const pairs = new Set<Pair>();
  let delayMs = 0;
  let held: (() => void)[] | undefined;

  const pass = (from: Socket, to: Socket): void => {
    // One promise after another, so that a delay keeps the order.
    let before = Promise.resolve();
    let waiting = 0;
    from.on('data', (bytes) => {
      if (delayMs === 0 && held === undefined && waiting === 0) return void to.write(bytes);
      const waitMs = delayMs;
      waiting += 1;
      before = before
        .then(() => wait(waitMs))
        .then(() => (held === undefined ? undefined : new Promise<void>((resolve) => held?.push(resolve))))
        .then(() => {
          waiting -= 1;
          to.write(bytes);
        });
    });
    from.on('end', () => void before.then(() => to.end()));
  };

  const proxy: TcpProxy & { port: number } = {
    port: 0,
    target,
    cut(share = () => true) {
      const chosen = [...pairs].filter(share);
      for (const pair of chosen) end(pair);
      return chosen.length;
    },
    delay(ms) {
      delayMs = ms;
    },
    hold(on) {
      const waiting = held ?? [];
      held = on ? (held ?? []) : undefined;
      if (!on) for (const go of waiting) go();
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        proxy.hold(false);
        for (const pair of [...pairs]) end(pair);
      }),
  };

  const end = (pair: Pair): void => {
    pairs.delete(pair);
    pair.client.destroy();
    pair.server.destroy();
  };

  const server: Server = createServer((client) => {
    const at = proxy.target.lastIndexOf(':');
    const upstream = connect(Number(proxy.target.slice(at + 1)), proxy.target.slice(0, at));
    const pair = { client, server: upstream };
    pairs.add(pair);
    for (const socket of [client, upstream]) {
      socket.setNoDelay(true);
      socket.on('error', () => end(pair));
      socket.on('close', () => end(pair));
    }
    pass(client, upstream);
    pass(upstream, client);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  proxy.port = (server.address() as AddressInfo).port;
  return proxy;
}

const wait = (ms: number): Promise<void> | undefined =>
  ms === 0 ? undefined : new Promise((resolve) => setTimeout(resolve, ms));
