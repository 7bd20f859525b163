/** The privileges that docs/upkeep.md says a command needs. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface DocumentedPrivileges {
  /** The command without `oomscope`. */
  readonly command: string;
  /** Name of the role, and of the user, that has these and no others. */
  readonly role: string;
  readonly cluster: readonly string[];
  readonly indices: readonly string[];
  readonly privileges: readonly string[];
}

/** One of each row of the table: | `reanalyse` | `monitor` | `read`, `index` | */
export function documentedPrivileges(): DocumentedPrivileges[] {
  const page = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'upkeep.md'), 'utf8');
  const section = page.slice(page.indexOf('## Privileges'));
  const indices = namesIn(/on (`oom-[^.]*)\./.exec(section)?.[1] ?? '');
  return [...section.matchAll(/^\| `(\w+)` \| ([^|\n]*) \| ([^|\n]*) \|$/gm)].map(
    ([, command = '', cluster = '', privileges = '']) => ({
      command,
      role: `documented-${command}`,
      cluster: namesIn(cluster),
      indices,
      privileges: namesIn(privileges),
    }),
  );
}

/** What stands between back quotes. */
const namesIn = (text: string): string[] => [...text.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name);
