// Writes the software bill of materials of a release (CycloneDX) to sbom.cdx.json: what `npm install oomscope` brings along.
//
// `npm sbom --omit dev` leaves out what development uses as well (npm 11.19), direct dependencies too. So npm is
// shown a manifest and a lockfile without development.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const read = (name) => JSON.parse(readFileSync(join(root, name), 'utf8'));

const { devDependencies: _, ...manifest } = read('package.json');
const lock = read('package-lock.json');
const packages = Object.fromEntries(Object.entries(lock.packages).filter(([, { dev }]) => dev !== true));
delete packages[''].devDependencies;

const work = mkdtempSync(join(tmpdir(), 'oomscope-sbom-'));
try {
  // npm takes the name of the folder for that of the package.
  const folder = join(work, manifest.name);
  mkdirSync(folder);
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
  writeFileSync(join(folder, 'package-lock.json'), JSON.stringify({ ...lock, packages }));
  const npm = process.env.npm_execpath;
  const [command, before] = npm ? [process.execPath, [npm]] : ['npm', []];
  const args = [...before, 'sbom', '--sbom-format', 'cyclonedx', '--package-lock-only'];
  const text = execFileSync(command, args, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
  writeFileSync(process.argv[2] ?? join(root, 'sbom.cdx.json'), text);
} finally {
  rmSync(work, { recursive: true, force: true });
}
