/** `oomscope setup --kibana` as a process, beside a real Elasticsearch. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { FakeKibana } from '../support/kibana/fake-kibana.ts';

const server = inject('elasticsearch');
const launcher = join(import.meta.dirname, '..', '..', 'bin', 'oomscope.js');

describe.skipIf(!server)('oomscope setup --kibana', () => {
  const kibana = new FakeKibana();
  let url: string;

  beforeEach(async () => {
    url = await kibana.start();
  });
  afterEach(() => kibana.stop());

  /** Does not wait in this process, in which the server of Kibana runs. */
  const setup = (...args: string[]): Promise<{ status: number | null; output: string }> =>
    new Promise((resolve) => {
      const options = ['setup', '--elasticsearch-url', server?.url ?? '', '--kibana', url, ...args];
      const child = spawn(process.execPath, [launcher, ...options]);
      let output = '';
      for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
      child.on('close', (status) => resolve({ status, output }));
    });

  it('installs templates, then objects and rules, and says what changed', async () => {
    const dry = await setup('--dry-run');
    expect(dry).toMatchObject({ status: 0, output: expect.stringContaining('kibana-8.19.ndjson: would be imported') });
    expect(kibana.writes).toEqual([]);

    const first = await setup();
    expect(first.status).toBe(0);
    expect(first.output).toMatch(
      /index template oom-report: \w+\n[\s\S]*saved objects of kibana-8\.19\.ndjson: imported/,
    );
    expect(first.output).toContain('rule [oomscope] Low memory exhausted: created');
    expect(kibana.rules.size).toBe(8);

    expect((await setup()).output).toContain('rule [oomscope] Low memory exhausted: unchanged');
  });

  it('ends with 6 and the reasons when Kibana takes a part only', async () => {
    kibana.refused.set('oomscope-host', { type: 'unknown', message: 'no such panel' });
    const { status, output } = await setup();
    expect(output).toContain('dashboard oomscope-host: no such panel');
    expect(status).toBe(6);
  });
});
