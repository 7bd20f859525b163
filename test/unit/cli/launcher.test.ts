import { spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '..', '..', '..');
const launcher = join(root, 'bin', 'oomscope.js');
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };

const run = (node: string, ...args: string[]) =>
  spawnSync(node, [launcher, ...args], { encoding: 'utf8', timeout: 60_000 });

/** A Node on PATH that is too old to run the program itself. */
const olderNode = (process.env['PATH'] ?? '')
  .split(delimiter)
  .map((folder) => join(folder, 'node'))
  .find((node) => {
    const { stdout } = spawnSync(node, ['--version'], { encoding: 'utf8' });
    return /^v(1[89]|2[0-3])\./.test(stdout ?? '');
  });

if (!olderNode) console.warn('No Node from 18 to 23 on PATH: starting from an older Node is not tested.');

describe('the launcher', () => {
  it("runs the program in its own process with the project's Node", () => {
    const { status, stdout } = run(process.execPath, '--version');
    expect(stdout.trim()).toBe(version);
    expect(status).toBe(0);
  });

  it('ends with exit code 2 and names an option that does not exist', () => {
    const { status, stderr } = run(process.execPath, 'worker', '--kafka-broker', 'x');
    expect(stderr).toContain("unknown option '--kafka-broker'");
    expect(status).toBe(2);
  });

  it('ends with exit code 2 and says what a value may be', () => {
    const { status, stderr } = run(process.execPath, 'worker', '--kafka-commit-interval', 'soon');
    expect(stderr).toContain(
      '--kafka-commit-interval: "soon" is not allowed; expected a whole number from 50 to 60000 (ms)',
    );
    expect(status).toBe(2);
  });

  it('explains the exit codes and each command', () => {
    expect(run(process.execPath, '--help').stdout).toContain('Exit codes:');
    for (const command of ['explain', 'worker', 'setup', 'query', 'reanalyse', 'prune', 'demo']) {
      const { status, stdout } = run(process.execPath, command, '--help');
      expect(stdout).toContain(`Usage: oomscope ${command}`);
      expect(status).toBe(0);
    }
  }, 60_000);

  it('says that a log holds no report, with 1 (INPUT_NO_REPORT)', () => {
    const { status, stderr, stdout } = run(process.execPath, 'explain', join(root, 'package.json'));
    expect(stderr).toMatch(/package\.json holds no OOM report/);
    expect(stdout).toBe('');
    expect(status).toBe(1);
  });

  it('says in one line that a file is not there', () => {
    const { status, stderr } = run(process.execPath, 'explain', '/nonexistent/kern.log');
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(stderr).toContain('/nonexistent/kern.log');
    expect(status).toBe(3);
  });

  it.skipIf(!olderNode)("starts the project's Node from an older one and hands on its exit code", () => {
    expect(run(olderNode ?? '', '--version').stdout.trim()).toBe(version);
    expect(run(olderNode ?? '', 'worker', '--nonsense').status).toBe(2);
  });

  it.skipIf(!olderNode)(
    'hands on signals from an older Node, and its child ends with it',
    async () => {
      const start = () => {
        const child = spawn(olderNode ?? '', [launcher, 'explain', '-'], { stdio: ['pipe', 'pipe', 'pipe'] });
        return {
          child,
          ended: new Promise<[number | null, string | null]>((resolve) => child.on('close', (...end) => resolve(end))),
        };
      };
      const terminated = start();
      await childOf(terminated.child.pid ?? 0);
      terminated.child.kill('SIGTERM');
      expect((await terminated.ended)[0]).toBe(143);

      const killed = start();
      const grandchild = await childOf(killed.child.pid ?? 0);
      killed.child.kill('SIGKILL');
      // 'close' comes only when nobody holds the pipes any more: the grandchild has ended.
      await killed.ended;
      expect(isAlive(grandchild)).toBe(false);
    },
    20_000,
  );
});

/** False also for a process that has ended and that nobody has waited for yet. */
function isAlive(pid: number): boolean {
  const { stdout } = spawnSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' });
  return stdout.trim() !== '' && !stdout.trim().startsWith('Z');
}

/** Process id of the program that the launcher has started, once it runs the program. */
async function childOf(pid: number): Promise<number> {
  for (let i = 0; i < 200; i++) {
    const { stdout } = spawnSync('pgrep', ['-P', String(pid)], { encoding: 'utf8' });
    const child = Number(stdout.trim().split('\n')[0]);
    if (child > 0) {
      await new Promise((resolve) => setTimeout(resolve, 700)); // until its signal handling is up
      return child;
    }
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error(`process ${pid} has started no child`);
}
