// Installs the dependencies when they are missing or not those of package-lock.json.
// Plain JavaScript for any Node from 16 on: it runs before the project's own Node is there.
'use strict';
const { existsSync, readFileSync } = require('node:fs');
const { join } = require('node:path');
const { spawnSync } = require('node:child_process');

const root = join(__dirname, '..');

/** Versions by path of the packages that a lockfile names, without those for other systems. */
function versionsOf(lockfile) {
  const { packages } = JSON.parse(readFileSync(lockfile, 'utf8'));
  return Object.entries(packages)
    .filter(([path, entry]) => path !== '' && !entry.optional && !entry.link)
    .map(([path, entry]) => [path, entry.version]);
}

function isInstalled() {
  const installed = join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(installed)) return false;
  try {
    const have = new Map(versionsOf(installed));
    return versionsOf(join(root, 'package-lock.json')).every(([path, version]) => have.get(path) === version);
  } catch {
    return false; // an unreadable lockfile of a broken install: npm ci makes it anew
  }
}

if (!isInstalled()) {
  console.log('Installing dependencies (npm ci) ...');
  const npm = process.env.npm_execpath;
  const args = ['ci', '--no-audit', '--no-fund', '--loglevel=error'];
  const result = npm
    ? spawnSync(process.execPath, [npm, ...args], { cwd: root, stdio: 'inherit' })
    : spawnSync('npm', args, { cwd: root, stdio: 'inherit', shell: process.platform === 'win32' });
  if (result.status !== 0) {
    console.error(`npm ci failed (${result.error ? result.error.message : `exit ${result.status}`}).`);
    process.exit(result.status || 1);
  }
}
