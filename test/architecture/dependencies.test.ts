/** What a release brings along. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '..', '..');
const readJson = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8'));

interface LockedPackage {
  readonly version?: string;
  readonly dev?: boolean;
  readonly hasInstallScript?: boolean;
  readonly resolved?: string;
  readonly integrity?: string;
}

const manifest = readJson(join(root, 'package.json')) as {
  readonly version: string;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly scripts: Readonly<Record<string, string>>;
  readonly files: readonly string[];
};

const lock = readJson(join(root, 'package-lock.json')) as { packages: Readonly<Record<string, LockedPackage>> };

/** Of production, by path in node_modules; those that a platform may leave out are among them. */
const locked = Object.entries(lock.packages).filter(([path, { dev }]) => path !== '' && dev !== true);

const nameOf = (path: string): string => path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);

describe('production dependencies', () => {
  it('are pinned exactly, and by their content', () => {
    for (const version of Object.values(manifest.dependencies)) expect(version).toMatch(/^\d+\.\d+\.\d+$/);
    for (const [path, { integrity }] of locked) expect(integrity, path).toMatch(/^sha512-/);
  });

  it('run nothing when they are installed', () => {
    expect(locked.length).toBeGreaterThan(20);
    expect(locked.filter(([, { hasInstallScript }]) => hasInstallScript).map(([path]) => path)).toEqual([]);
  });
});

describe('the bill of materials', () => {
  const path = join(mkdtempSync(join(tmpdir(), 'oomscope-sbom-')), 'sbom.cdx.json');
  execFileSync(process.execPath, [join(root, 'bin', 'sbom.js'), path], { stdio: ['ignore', 'ignore', 'pipe'] });
  const bom = readJson(path) as {
    readonly bomFormat: string;
    readonly metadata: { readonly component: { readonly name: string; readonly version: string } };
    readonly components: readonly { readonly group?: string; readonly name: string; readonly version: string }[];
    readonly dependencies: readonly { readonly ref: string; readonly dependsOn?: readonly string[] }[];
  };
  const listed = bom.components.map(({ group, name, version }) => `${group ? `${group}/` : ''}${name}@${version}`);

  it('is that of oomscope, as CycloneDX', () => {
    expect(bom).toMatchObject({
      bomFormat: 'CycloneDX',
      metadata: { component: { name: 'oomscope', version: manifest.version } },
    });
  });

  it('holds every production dependency of the lockfile, and nothing else', () => {
    expect([...new Set(listed)].sort()).toEqual(
      [...new Set(locked.map(([at, { version }]) => `${nameOf(at)}@${version}`))].sort(),
    );
  });

  it('says what oomscope itself depends on', () => {
    const own = bom.dependencies.find(({ ref }) => ref === `oomscope@${manifest.version}`);
    const direct = Object.entries(manifest.dependencies).map(([name, version]) => `${name}@${version}`);
    expect([...(own?.dependsOn ?? [])].sort()).toEqual(direct.sort());
  });

  it('is made for every release and packed with it', () => {
    expect(manifest.scripts['prepack']).toContain('npm run sbom');
    expect(manifest.scripts['sbom']).toBe('node bin/sbom.js');
    expect(manifest.files).toContain('sbom.cdx.json');
  });
});
