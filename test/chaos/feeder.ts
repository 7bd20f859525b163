/** `oomscope simulate` as a process of its own, and what it has produced. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LoadKill } from '../../src/simulate/index.ts';
import type { Stage } from './stage.ts';

export interface FeederOptions {
  readonly topic: string;
  readonly hosts: number;
  /** Lines per second. */
  readonly rate: number;
  /** Percent of the lines that belong to reports. */
  readonly reportShare: number;
  readonly seconds: number;
}

export interface Feeder {
  readonly pid: number;
  /** Reports whose kill line was produced since the last call. */
  newKills(): LoadKill[];
  /** Asks it to end with whole reports. */
  stop(): void;
  /** Its last words; rejects when it failed. */
  readonly ended: Promise<string>;
  /** Ends it at once and removes its files. */
  remove(): void;
}

const live = new Set<() => void>();
process.on('exit', () => {
  for (const end of live) end();
});

const LAUNCHER = join(import.meta.dirname, '..', '..', 'bin', 'oomscope.js');

export function startFeeder(stage: Stage, { topic, hosts, rate, reportShare, seconds }: FeederOptions): Feeder {
  const folder = mkdtempSync(join(tmpdir(), 'oomscope-feeder-'));
  const truth = join(folder, 'truth.ndjson');
  const options = {
    '--kafka-brokers': stage.kafka.brokers.join(','),
    '--topic': topic,
    '--hosts': hosts,
    '--rate': rate,
    '--report-share': reportShare,
    '--duration': seconds,
    '--truth': truth,
  };
  const args = [LAUNCHER, 'simulate', ...Object.entries(options).flatMap(([flag, value]) => [flag, String(value)])];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const kill = (): void => void child.kill('SIGKILL');
  live.add(kill);
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  const ended = new Promise<string>((resolve, reject) => {
    child.on('close', (code) => {
      live.delete(kill);
      if (code === 0) resolve(output.trim().split('\n').at(-1) ?? '');
      else reject(new Error(`oomscope simulate ended with ${code}`));
    });
  });
  ended.catch(() => {});
  let readTo = 0;
  return {
    pid: child.pid ?? 0,
    newKills() {
      const text = readText(truth);
      const end = text.lastIndexOf('\n') + 1;
      const lines = text.slice(readTo, end).split('\n').filter(Boolean);
      readTo = end;
      return lines.map((line) => JSON.parse(line) as LoadKill);
    },
    stop: () => void child.kill('SIGTERM'),
    ended,
    remove() {
      kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Nothing as long as the file is not there. */
function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
