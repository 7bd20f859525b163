/** ElastAlert 2 from PyPI, in a virtual environment of its own in the cache, run turn by turn. */
import { execFile, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { stringify } from 'yaml';
import { cached } from './cache.ts';
import { findOnPath, NoService } from './java.ts';

const run = promisify(execFile);

const VERSION = '2.19.0';

/** setuptools because its dependencies still import pkg_resources. */
const PACKAGES = [`elastalert2==${VERSION}`, 'pytz', 'setuptools<81'];

const BRIDGE = join(import.meta.dirname, '..', '..', 'elastic', 'elastalert', 'bridge.py');

/** Indices in which it keeps its state. */
const STATE = 'elastalert-of-test';

const ANSWER_LIMIT_MS = 60_000;
const ERRORS_KEPT = 20;

export interface ElastAlert {
  /** Loads one rule of the folder; rejects with what it says of it. Without `fromMs` it goes on where it was, as after a restart. */
  start(file: string, fromMs?: number): Promise<void>;
  /** One turn of its loop. */
  turn(): Promise<void>;
  /** The alerts that it has sent since it was last cleared: the documents that they are about, oldest first. */
  alerts(): Promise<readonly Readonly<Record<string, unknown>>[]>;
  /** Forgets all that it has seen and sent. */
  clear(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts it on the rules of a folder. Rejects with NoService where there is no Python or no PyPI. */
export async function startElastAlert(url: string, rulesFolder: string): Promise<ElastAlert> {
  const home = await cached(`elastalert-${VERSION}`, install);
  const work = await mkdtemp(join(tmpdir(), 'oomscope-elastalert-'));
  const { hostname, port } = new URL(url);
  const config = join(work, 'config.yaml');
  await writeFile(
    config,
    stringify({
      rules_folder: rulesFolder,
      es_host: hostname,
      es_port: Number(port),
      writeback_index: STATE,
      run_every: { minutes: 1 },
      // As its documentation proposes it.
      buffer_time: { minutes: 15 },
      alert_time_limit: { days: 2 },
    }),
  );
  const child = spawn(join(home, 'bin', 'python3'), [BRIDGE, config], { stdio: ['pipe', 'pipe', 'pipe'] });
  const kill = () => child.kill('SIGKILL');
  process.on('exit', kill);
  const said: string[] = [];
  createInterface({ input: child.stderr }).on('line', (line) => {
    said.push(line);
    if (said.length > ERRORS_KEPT) said.shift();
  });
  const waiting: ((line: string | undefined) => void)[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => waiting.shift()?.(line));
  const ended = new Promise<void>((resolve) => child.on('close', () => resolve()));
  void ended.then(() => {
    for (const resolve of waiting.splice(0)) resolve(undefined);
  });

  const ask = async (request: object): Promise<void> => {
    const timer = setTimeout(kill, ANSWER_LIMIT_MS);
    const line = await new Promise<string | undefined>((resolve) => {
      waiting.push(resolve);
      child.stdin.write(`${JSON.stringify(request)}\n`);
    });
    clearTimeout(timer);
    const error = line === undefined ? 'it ended' : (JSON.parse(line) as { error?: string }).error;
    if (error !== undefined) throw new Error(`ElastAlert on ${JSON.stringify(request)}: ${error}\n${said.join('\n')}`);
  };
  const search = async (method: string, path: string, body?: object): Promise<Record<string, unknown>> => {
    const response = await fetch(`${url}/${path}`, {
      method,
      headers: { 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(ANSWER_LIMIT_MS),
    });
    const answer = (await response.json()) as Record<string, unknown>;
    if (!response.ok) throw new Error(`${method} ${path}: ${JSON.stringify(answer)}`);
    return answer;
  };
  const refresh = () => search('POST', `${STATE}*/_refresh`);
  return {
    start: (file, fromMs) =>
      ask({ start: file, ...(fromMs === undefined ? {} : { from: new Date(fromMs).toISOString() }) }),
    turn: async () => {
      await ask({ run: true });
      await refresh();
    },
    alerts: async () => {
      await refresh();
      const body = { size: 1000, sort: ['@timestamp'], query: { term: { alert_sent: true } } };
      const { hits } = await search('POST', `${STATE}/_search`, body);
      const found = (hits as { hits: { _source: { match_body: Record<string, unknown> } }[] }).hits;
      return found.map(({ _source }) => _source.match_body);
    },
    clear: async () => {
      await refresh();
      const query = { query: { match_all: {} } };
      await search('POST', `${STATE}*/_delete_by_query?refresh=true&conflicts=proceed`, query);
    },
    stop: async () => {
      child.stdin.end();
      kill();
      await ended;
      process.off('exit', kill);
      await fetch(`${url}/${STATE}*`, { method: 'DELETE' });
      await rm(work, { recursive: true, force: true });
    },
  };
}

async function install(folder: string): Promise<void> {
  if ((await findOnPath('python3')) === undefined) {
    throw new NoService('ElastAlert 2 cannot be installed: python3 is not on PATH.');
  }
  try {
    await run('python3', ['-m', 'venv', folder], { timeout: 120_000 });
    const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...PACKAGES];
    await run(join(folder, 'bin', 'python3'), pip, { timeout: 600_000, maxBuffer: 16_777_216 });
  } catch (error) {
    const { stderr = '', message } = error as Error & { stderr?: string };
    throw new NoService(`ElastAlert 2 cannot be installed from PyPI: ${stderr.slice(-2000) || message}`, {
      cause: error,
    });
  }
}
