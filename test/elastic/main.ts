/**
 * `npm run test:elastic [-- FLAVOUR ...]`: the tests that touch Elasticsearch on its fuller flavours, one run each.
 *
 * A container engine gives the images of Elastic, which can do everything. With ELASTICSEARCH_URL there is one run, on
 * that server.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { FLAVOURS } from '../support/services/flavour.ts';

/** Of one run, the first downloads included. */
const LIMIT_MS = 2_700_000;

const root = join(import.meta.dirname, '..', '..');
const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');

const given = process.argv.slice(2);
const unknown = given.find((name) => !FLAVOURS.some((flavour) => flavour === name));
if (unknown !== undefined) {
  console.error(`${unknown} is no flavour of Elasticsearch; expected ${FLAVOURS.join(', ')}`);
  process.exit(2);
}
const isOneServer = process.env['ELASTICSEARCH_URL'] !== undefined;
const flavours = given.length > 0 ? given : isOneServer ? ['8full'] : ['8full', '9'];

const results = flavours.map((flavour) => {
  console.log(`\n=== Elasticsearch ${isOneServer ? 'of ELASTICSEARCH_URL' : flavour}`);
  const started = performance.now();
  const { status } = spawnSync(process.execPath, [vitest, 'run', '--project', 'elastic'], {
    cwd: root,
    env: { ...process.env, ELASTICSEARCH_FLAVOUR: flavour },
    stdio: 'inherit',
    timeout: LIMIT_MS,
  });
  return { flavour, passed: status === 0, seconds: Math.round((performance.now() - started) / 1000) };
});
console.log();
for (const { flavour, passed, seconds } of results) {
  console.log(`${flavour}: ${passed ? 'passed' : 'FAILED'} in ${seconds} s`);
}
process.exit(results.every(({ passed }) => passed) ? 0 : 1);
