/** A real worker process, as an operator starts it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** Workers end with the process that started them. */
const live = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of live) child.kill('SIGKILL');
});

const root = join(import.meta.dirname, '..', '..');

/** A connection of its own: one that is kept may be to a server that has been ended meanwhile. */
export const ONE_REQUEST = { connection: 'close' } as const;

export interface WorkerProcess {
  readonly pid: number;
  /** The last events of its log, in order. */
  readonly events: readonly Readonly<Record<string, unknown>>[];
  /** What its /metrics shows of one metric, its label sets added up; undefined when it is not shown. */
  metric(name: string): Promise<number | undefined>;
  /** Status of /ready. */
  ready(): Promise<number>;
  /** Status of /health. */
  health(): Promise<number>;
  kill(signal: NodeJS.Signals): void;
  /** Exit code, or the signal's name. */
  readonly ended: Promise<number | string>;
}

const MOST_EVENTS = 20_000;

/** Starts `oomscope worker` with these variables and waits until it serves its metrics. */
export async function startWorker(environment: Readonly<Record<string, string>>): Promise<WorkerProcess> {
  const args = ['--disable-warning=TimeoutNegativeWarning', join(root, 'bin', 'oomscope.js'), 'worker'];
  const child: ChildProcess = spawn(process.execPath, args, {
    env: { ...process.env, OOMSCOPE_HTTP_LISTEN: '127.0.0.1:0', ...environment },
    stdio: ['ignore', 'inherit', 'pipe'],
  });
  const events: Record<string, unknown>[] = [];
  const ended = new Promise<number | string>((resolve) => {
    live.add(child);
    child.on('exit', (code, signal) => {
      live.delete(child);
      resolve(code ?? signal ?? 'unknown');
    });
  });
  const address = await new Promise<string>((resolve, reject) => {
    void ended.then((code) => reject(new Error(`the worker ended with ${code}: ${JSON.stringify(events.slice(-5))}`)));
    if (!child.stderr) return reject(new Error('no stderr'));
    createInterface({ input: child.stderr }).on('line', (line) => {
      const event = parseEvent(line);
      events.push(event);
      if (events.length > MOST_EVENTS) events.splice(0, MOST_EVENTS / 2);
      if (event['event'] === 'http-listening') resolve(String(event['address']));
    });
  });
  ended.catch(() => {});
  return {
    pid: child.pid ?? 0,
    events,
    async metric(name) {
      const text = await (await fetch(`http://${address}/metrics`, { headers: ONE_REQUEST })).text();
      const values = text
        .split('\n')
        .filter((line) => line.startsWith(`${name} `) || line.startsWith(`${name}{`))
        .map((line) => Number(line.slice(line.lastIndexOf(' ') + 1)));
      return values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0);
    },
    ready: async () => (await fetch(`http://${address}/ready`, { headers: ONE_REQUEST })).status,
    health: async () => (await fetch(`http://${address}/health`, { headers: ONE_REQUEST })).status,
    kill: (signal) => void child.kill(signal),
    ended,
  };
}

function parseEvent(line: string): Record<string, unknown> {
  try {
    return JSON.parse(line) as Record<string, unknown>;
  } catch {
    return { event: 'text', text: line };
  }
}

/** Waits until `probe` gives something other than undefined or false; fails loudly at the limit. */
export async function until<T>(
  what: string,
  probe: () => Promise<T | undefined | false>,
  limitMs = 60_000,
): Promise<T> {
  const endMs = performance.now() + limitMs;
  let last: unknown;
  while (performance.now() < endMs) {
    try {
      const value = await probe();
      if (value !== undefined && value !== false) return value;
    } catch (error) {
      last = error;
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`not within ${limitMs} ms: ${what}${last === undefined ? '' : ` (last error: ${last})`}`);
}
