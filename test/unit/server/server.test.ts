import { request } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { createMetrics, silentLogger } from '../../../src/ops/index.ts';
import { type HttpServer, startServer } from '../../../src/server/index.ts';
import { OPTIONS } from '../../../src/tables/options.ts';

let server: HttpServer | undefined;

afterEach(async () => {
  await server?.close();
  server = undefined;
});

async function start(problems: { health?: string[]; readiness?: string[] } = {}): Promise<string> {
  const metrics = createMetrics();
  metrics.increment('oomscope_reports_total', { action: 'oom-kill' });
  server = await startServer('127.0.0.1:0', {
    expose: metrics.expose,
    health: () => problems.health ?? [],
    readiness: () => problems.readiness ?? [],
    logger: silentLogger,
  });
  return `http://${server.address}`;
}

describe('the HTTP server', () => {
  it('listens to this machine alone unless told otherwise', () => {
    const option = OPTIONS.find(({ name }) => name === 'http.listen');
    expect(option).toMatchObject({ default: expect.stringMatching(/^127\.0\.0\.1:\d+$/) });
  });

  it('shows metrics', async () => {
    const response = await fetch(`${await start()}/metrics`);
    expect(response.headers.get('content-type')).toContain('text/plain');
    expect(await response.text()).toContain('oomscope_reports_total{action="oom-kill"} 1');
  });

  it('answers 503 with the problems when something is wrong', async () => {
    const base = await start({ readiness: ['no partitions assigned'] });
    expect((await fetch(`${base}/health`)).status).toBe(200);
    const ready = await fetch(`${base}/ready`);
    expect(ready.status).toBe(503);
    expect(await ready.json()).toEqual({ ok: false, problems: ['no partitions assigned'] });
  });

  it('knows no other path and no other method', async () => {
    const base = await start();
    expect((await fetch(`${base}/etc/passwd`)).status).toBe(404);
    expect((await fetch(`${base}/metrics`, { method: 'POST' })).status).toBe(405);
  });

  it.each(['//', '//[', '/%', 'http://[', '*', '/metrics/..'])('survives a request for %s', async (path) => {
    const base = new URL(await start());
    const { promise, resolve, reject } = Promise.withResolvers<number | undefined>();
    const asked = request({ host: base.hostname, port: base.port, path }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    asked.on('error', reject).end();
    expect(await promise).toBe(404);
    expect((await fetch(`${base}health?probe=1`)).status).toBe(200);
  });

  it('says which address it cannot use', async () => {
    const base = await start();
    const taken = base.replace('http://', '');
    const parts = { expose: createMetrics().expose, health: () => [], readiness: () => [], logger: silentLogger };
    await expect(startServer(taken, parts)).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
    await expect(startServer(taken, parts)).rejects.toThrow(taken);
  });
});
