import { afterEach, describe, expect, it } from 'vitest';
import { Watchdog } from '../../../src/consumer/watchdog.ts';
import { createMetrics, silentLogger } from '../../../src/ops/index.ts';
import { type HttpServer, healthProblems, readinessProblems, startServer } from '../../../src/server/index.ts';
import { ManualClock } from '../../support/fakes.ts';

let server: HttpServer | undefined;

afterEach(async () => {
  await server?.close();
  server = undefined;
});

describe('health and readiness', () => {
  it('answer by the silence of the Kafka client: not ready after 12 s, not well after 60 s, well again with a sign', async () => {
    const clock = new ManualClock();
    const dog = new Watchdog(clock);
    void dog.watch(new AbortController().signal);
    server = await startServer('127.0.0.1:0', {
      expose: createMetrics().expose,
      health: () => healthProblems(dog.silentMs),
      readiness: () =>
        readinessProblems({ isAssigned: true, silentMs: dog.silentMs, failingMs: 0, address: 'http://es.example' }),
      logger: silentLogger,
    });
    const statuses = async () =>
      Promise.all(['ready', 'health'].map(async (path) => (await fetch(`http://${server?.address}/${path}`)).status));
    const silence = async (seconds: number) => {
      for (let second = 0; second < seconds; second += 6) await clock.advance(6_000);
    };
    expect(await statuses()).toEqual([200, 200]);
    await silence(6);
    expect(await statuses()).toEqual([200, 200]);
    await silence(6);
    expect(await statuses()).toEqual([503, 200]);
    await silence(42);
    expect(await statuses()).toEqual([503, 200]);
    await silence(6);
    expect(await statuses()).toEqual([503, 503]);
    expect(await (await fetch(`http://${server.address}/health`)).json()).toEqual({
      ok: false,
      problems: ['the Kafka client has neither fetched nor sent a heartbeat for 60 s'],
    });
    dog.sign();
    await silence(6);
    expect(await statuses()).toEqual([200, 200]);
  });

  it('name each reason why the worker takes no part', () => {
    const well = { isAssigned: true, silentMs: 0, failingMs: 0, address: 'http://es.example:9200' };
    expect(readinessProblems(well)).toEqual([]);
    expect(readinessProblems({ ...well, isAssigned: false })).toEqual(['no partitions are assigned']);
    expect(readinessProblems({ ...well, silentMs: 12_000 })).toEqual(['no broker has answered for 12 s']);
    expect(readinessProblems({ ...well, failingMs: 1_200 })).toEqual([
      'http://es.example:9200 has taken no documents for 2 s',
    ]);
    expect(readinessProblems({ ...well, isAssigned: false, silentMs: 60_000, failingMs: 1 })).toHaveLength(3);
  });
});
