/** Where downloads are kept between runs: outside the repository, in a folder that other users can read. */
import { access, chmod, constants, mkdir, mkdtemp, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** Written last, so that a broken download is not taken for a whole one. */
const MARKER = '.complete';

/** The folder of `name`, made by `build` in a folder of its own when it is not there yet. */
export async function cached(name: string, build: (folder: string) => Promise<void>): Promise<string> {
  const root = await cacheRoot();
  const folder = join(root, name);
  if (await exists(join(folder, MARKER))) return folder;
  const draft = await mkdtemp(join(root, `${name}-draft-`));
  try {
    await build(draft);
    await chmod(draft, 0o755);
    await writeFile(join(draft, MARKER), '');
    await rename(draft, folder).catch(async (error: unknown) => {
      // Another run was faster.
      if (!(await exists(join(folder, MARKER)))) throw error;
    });
    return folder;
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

async function cacheRoot(): Promise<string> {
  for (const base of [process.env['XDG_CACHE_HOME'], '/var/cache', tmpdir()]) {
    if (base === undefined || base === '') continue;
    const root = join(base, 'oomscope-services');
    try {
      await mkdir(root, { recursive: true, mode: 0o755 });
      await access(root, constants.W_OK);
      if (await isOpenToOthers(root)) return root;
    } catch {
      // the next one
    }
  }
  throw new Error('No folder for downloads: XDG_CACHE_HOME, /var/cache and the temporary folder cannot be written.');
}

async function isOpenToOthers(folder: string): Promise<boolean> {
  if (((await stat(folder)).mode & 0o001) === 0) return false;
  const parent = dirname(folder);
  return parent === folder || isOpenToOthers(parent);
}

export const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );
