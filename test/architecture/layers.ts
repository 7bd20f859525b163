/** The layer table as rules over import statements. */

export interface SourceFile {
  /** Relative to src/, with forward slashes: 'parser/assemble.ts'. */
  readonly path: string;
  readonly text: string;
}

export type Layer = 'words' | 'kernel' | 'pure' | 'clients' | 'adapter' | 'wiring' | 'shell';

const PURE_FOLDERS = new Set(['parser', 'enrich', 'document', 'view', 'simulate']);
const PURE_PARTS = [/^consumer\/decode\//, /^consumer\/ledger\.ts$/, /^sink\/outcome\.ts$/, /^doctor\/checks\//];
const ADAPTER_FOLDERS = new Set(['consumer', 'sink', 'store', 'ops', 'server', 'assets', 'doctor']);

/** Packages that pure code may use: a hash without state or I/O. */
const PURE_PACKAGES = new Set(['@noble/hashes']);

/** Client packages and the one file that may import each. */
const CLIENT_PACKAGES: Readonly<Record<string, string>> = {
  kafkajs: 'clients/kafka.ts',
  '@elastic/elasticsearch': 'clients/elasticsearch.ts',
  avsc: 'clients/avro.ts',
  'node:sqlite': 'clients/sqlite.ts',
};

export function layerOf(path: string): Layer {
  const folder = path.includes('/') ? path.slice(0, path.indexOf('/')) : '';
  if (path === 'domain.ts' || path === 'ports.ts' || path === 'units.ts' || folder === 'tables' || folder === 'domain')
    return 'words';
  if (folder === 'kernel') return 'kernel';
  if (PURE_FOLDERS.has(folder) || PURE_PARTS.some((part) => part.test(path))) return 'pure';
  if (folder === 'clients') return 'clients';
  if (ADAPTER_FOLDERS.has(folder)) return 'adapter';
  if (path === 'pipeline.ts') return 'wiring';
  return 'shell';
}

const IMPORT = /(?:^|\n)\s*(?:import|export)\b[^'";]*?\bfrom\s*['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]\s*\)/g;

/** Every module that a file imports, relative ones resolved against src/. */
export function importsOf({ path, text }: SourceFile): string[] {
  return [...text.matchAll(IMPORT)].map((match) => {
    const target = match[1] ?? match[2] ?? '';
    if (!target.startsWith('.')) return target;
    const parts = path.split('/').slice(0, -1);
    for (const step of target.split('/')) {
      if (step === '..') parts.pop();
      else if (step !== '.') parts.push(step);
    }
    return parts.join('/');
  });
}

const folderOf = (path: string): string => (path.includes('/') ? path.slice(0, path.indexOf('/')) : path);

const packageOf = (target: string): string =>
  target.startsWith('@') ? target.split('/').slice(0, 2).join('/') : (target.split('/')[0] ?? target);

/** Why `path` may not import `target`, or undefined when it may. */
function objection(path: string, target: string): string | undefined {
  const layer = layerOf(path);
  const isModule = /\.ts$/.test(target);
  if (!isModule) {
    const name = target.startsWith('node:') ? target : packageOf(target);
    const owner = CLIENT_PACKAGES[name];
    if (owner !== undefined) return owner === path ? undefined : `only ${owner} imports ${name}`;
    if (layer === 'words' || layer === 'kernel') return `layer 0 and kernel/ import no package (${name})`;
    if (layer === 'pure' && !PURE_PACKAGES.has(name)) return `pure code imports no package (${name})`;
    return undefined;
  }
  const to = layerOf(target);
  const own = folderOf(path) === folderOf(target);
  switch (layer) {
    case 'words':
      return to === 'words' ? undefined : 'layer 0 imports layer 0 only';
    case 'kernel':
      return to === 'words' || own ? undefined : 'kernel/ imports layer 0 and itself only';
    case 'pure':
      if (to === 'words' || to === 'kernel') return undefined;
      if (own && (to === 'pure' || PURE_FOLDERS.has(folderOf(path)))) return undefined;
      if ((folderOf(path) === 'view' || folderOf(path) === 'doctor') && folderOf(target) === 'document')
        return undefined;
      return 'pure code imports layer 0, kernel/ and its own folder only';
    case 'clients':
    case 'adapter':
      if (to === 'words' || to === 'kernel' || to === 'pure' || own) return undefined;
      if (layer === 'adapter' && to === 'clients') return undefined;
      return 'adapters import layers 0 and 1, clients/ and their own folder, not each other';
    case 'wiring':
    case 'shell': {
      if (to === 'words') return undefined;
      if (layer === 'shell' && own) return undefined;
      if (to === 'wiring' && layer === 'shell') return undefined;
      if (to === 'shell') return 'nobody imports a shell';
      return target.endsWith('/index.ts') ? undefined : 'wiring and shells go through front doors (index.ts)';
    }
  }
}

/** Calls that read a clock or chance. */
const IMPURE = /\bDate\.now\(|\bnew Date\(\)|\bMath\.random\(|\bperformance\.now\(/;

/** Every breach of the table, as `path -> target: reason`. */
export function violations(files: readonly SourceFile[]): string[] {
  return files.flatMap((file) => {
    const layer = layerOf(file.path);
    const found = importsOf(file).flatMap((target) => {
      const reason = objection(file.path, target);
      return reason === undefined ? [] : [`${file.path} -> ${target}: ${reason}`];
    });
    const isPure = layer === 'words' || layer === 'kernel' || layer === 'pure';
    if (isPure && IMPURE.test(file.text)) found.push(`${file.path}: pure code reads no clock and no chance`);
    if (/^export \* from/m.test(file.text)) found.push(`${file.path}: exports are named, not \`export *\``);
    return found;
  });
}
