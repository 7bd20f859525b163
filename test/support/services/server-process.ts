/** A server as a child process of its own group: started, killed, started again, and gone at the end. */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

export interface ServerCommand {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  /** User and group to run as. */
  readonly uid?: number;
  /** Takes standard output and errors. */
  readonly logPath: string;
  /** Further logs to show when the server fails. */
  readonly otherLogs?: readonly string[];
  readonly isReady: () => Promise<boolean>;
}

const READY_LIMIT_MS = 120_000;
const STOP_LIMIT_MS = 30_000;
const POLL_MS = 100;
const LOG_TAIL_CHARACTERS = 6_000;

const live = new Set<ServerProcess>();

// Whatever ends this process, its servers go with it.
process.on('exit', () => {
  for (const server of live) server.signal('SIGKILL');
});

export class ServerProcess {
  readonly #command: ServerCommand;
  #child: ChildProcess | undefined;

  constructor(command: ServerCommand) {
    this.#command = command;
  }

  /** Resolves when the server answers; rejects with the end of its logs when it does not. */
  async start(): Promise<void> {
    const { name, command, args, cwd, env, uid, logPath, isReady } = this.#command;
    const log = openSync(logPath, 'a');
    const child = spawn(command, args, {
      cwd,
      env: { ...process.env, ...env },
      // A group of its own: Elasticsearch's server is a child of its launcher, and both are to be signalled.
      detached: true,
      stdio: ['ignore', log, log],
      ...(uid === undefined ? {} : { uid, gid: uid }),
    });
    closeSync(log);
    child.on('error', () => {});
    this.#child = child;
    live.add(this);
    const deadline = Date.now() + READY_LIMIT_MS;
    while (Date.now() < deadline) {
      if (!this.isRunning()) throw new Error(`${name} ended at its start.\n${await this.#logs()}`);
      if (await isReady()) return;
      await sleep(POLL_MS);
    }
    await this.kill();
    throw new Error(`${name} is not ready after ${READY_LIMIT_MS / 1000} s.\n${await this.#logs()}`);
  }

  isRunning(): boolean {
    const child = this.#child;
    return child?.pid !== undefined && child.exitCode === null && child.signalCode === null;
  }

  /** Asks it to end, and waits. */
  stop(): Promise<void> {
    return this.#endBy('SIGTERM');
  }

  /** Ends it at once, as a power cut would. */
  kill(): Promise<void> {
    return this.#endBy('SIGKILL');
  }

  signal(signal: NodeJS.Signals): void {
    const pid = this.#child?.pid;
    if (pid === undefined) return;
    try {
      process.kill(-pid, signal);
    } catch {
      // already gone
    }
  }

  async #endBy(signal: NodeJS.Signals): Promise<void> {
    this.signal(signal);
    const deadline = Date.now() + STOP_LIMIT_MS;
    while (this.#groupLives()) {
      if (Date.now() > deadline + STOP_LIMIT_MS) throw new Error(`${this.#command.name} does not end`);
      if (Date.now() > deadline) this.signal('SIGKILL');
      await sleep(POLL_MS);
    }
    this.#child = undefined;
    live.delete(this);
  }

  #groupLives(): boolean {
    const pid = this.#child?.pid;
    if (pid === undefined) return false;
    try {
      process.kill(-pid, 0);
      return true;
    } catch {
      return false;
    }
  }

  async #logs(): Promise<string> {
    const paths = [this.#command.logPath, ...(this.#command.otherLogs ?? [])];
    const tails = await Promise.all(
      paths.map(async (path) => {
        const text = await readFile(path, 'utf8').catch(() => '');
        return `--- ${path}\n${text.slice(-LOG_TAIL_CHARACTERS)}`;
      }),
    );
    return tails.join('\n');
  }
}

/** Ports of loopback that are free, all different: each stays taken until the last is found. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  const ports = await Promise.all(servers.map(listeningPort));
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

async function listeningPort(server: Server): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the system gave no port');
  return address.port;
}
