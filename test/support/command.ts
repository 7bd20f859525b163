/** The command as an operator runs it, in a process of its own. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

export const LAUNCHER = join(import.meta.dirname, '..', '..', 'bin', 'oomscope.js');

/** What it printed. Rejects, with `code`, `stdout` and `stderr` on the error, when it ends with another code than 0. */
export const runOomscope = (
  args: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): Promise<{ stdout: string; stderr: string }> =>
  promisify(execFile)(process.execPath, [LAUNCHER, ...args], { encoding: 'utf8', env });
