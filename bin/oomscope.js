#!/usr/bin/env node
// Finds a Node that can run oomscope and the program to run: the TypeScript source of a checkout, else the compiled one.
// Plain JavaScript, so that an older Node can still read it and say what is wanted.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const REQUIRED_MAJOR = 24;
const here = dirname(fileURLToPath(import.meta.url));
const source = join(here, '..', 'src', 'cli', 'main.ts');
const compiled = join(here, '..', 'dist', 'cli', 'main.js');

if (Number(process.versions.node.split('.')[0]) >= REQUIRED_MAJOR) {
  if (process.channel) {
    // Started by an older Node (below): end when it ends.
    process.on('disconnect', () => process.kill(process.pid, 'SIGTERM'));
    process.channel.unref();
  }
  await import(pathToFileURL(existsSync(source) ? source : compiled).href);
} else {
  const own = ownNode();
  if (own === undefined) {
    console.error(
      `oomscope needs Node ${REQUIRED_MAJOR} or newer and was started by ${process.version}. ` +
        'Install a newer Node, or add the npm package `node@24` beside oomscope.',
    );
    process.exit(2);
  }
  const child = spawn(own, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => {
    console.error(`oomscope could not start ${own}: ${error.message}`);
    process.exit(2);
  });
  child.on('exit', (code, signal) => process.exit(code ?? 128 + (constants.signals[signal] ?? 0)));
}

/** The binary of the npm package `node` beside this package, when it is installed. */
function ownNode() {
  try {
    const path = join(dirname(createRequire(import.meta.url).resolve('node/package.json')), 'bin', 'node');
    return existsSync(path) ? path : undefined;
  } catch {
    return undefined; // not installed
  }
}
