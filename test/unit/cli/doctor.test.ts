/** `oomscope doctor` without servers: what it says then, and how it ends. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const launcher = join(import.meta.dirname, '..', '..', '..', 'bin', 'oomscope.js');

/** Nothing listens on these ports. */
const NOWHERE = ['--kafka-brokers', '127.0.0.1:1,127.0.0.1:2', '--elasticsearch-url', 'http://127.0.0.1:1'];

const doctor = (...args: string[]): Promise<{ exitCode: number; stdout: string; stderr: string }> =>
  new Promise((resolve) => {
    execFile(process.execPath, [launcher, 'doctor', ...args], { encoding: 'utf8' }, (error, stdout, stderr) =>
      resolve({ exitCode: error === null ? 0 : Number(error.code), stdout, stderr }),
    );
  });

describe('oomscope doctor', { timeout: 60_000 }, () => {
  it('says who does not answer, what was not checked, and ends with the code of the first failure', async () => {
    const { exitCode, stdout } = await doctor(...NOWHERE);
    expect(stdout).toMatch(/^FAILURE {2}brokers reachable, 127\.0\.0\.1:1: .*ECONNREFUSED/m);
    expect(stdout).toMatch(/^FAILURE {2}Elasticsearch answers: /m);
    expect(stdout).toContain('3 failures, 0 warnings.');
    expect(stdout).toContain('Not checked');
    expect(exitCode).toBe(4);
  });

  it('prints one JSON object on request', async () => {
    const { exitCode, stdout } = await doctor(...NOWHERE, '--json');
    const answer = JSON.parse(stdout);
    expect(answer).toMatchObject({ code: 'KAFKA_UNREACHABLE', exitCode: 4 });
    expect(answer.verdicts[0]).toEqual({
      check: 'brokers',
      area: 'kafka',
      title: 'brokers reachable',
      state: 'failure',
      subject: '127.0.0.1:1',
      found: 'Connection error: connect ECONNREFUSED 127.0.0.1:1',
      advice: expect.any(String),
    });
    expect(exitCode).toBe(4);
  });

  it('refuses what the worker would refuse, before it asks anybody', async () => {
    const { exitCode, stderr } = await doctor(...NOWHERE, '--kafka-topics', '/(/');
    expect(stderr).toContain('kafka.topics');
    expect(exitCode).toBe(2);
  });
});
