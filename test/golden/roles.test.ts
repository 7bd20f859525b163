import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { buildRoles, roleFile, roleText } from '../../src/assets/index.ts';

const root = join(import.meta.dirname, '..', '..');
const page = readFileSync(join(root, 'docs', 'security.md'), 'utf8');

it('setup --print shows the roles as they stand there', () => {
  const { stdout } = spawnSync(process.execPath, [join(root, 'bin', 'oomscope.js'), 'setup', '--print'], {
    encoding: 'utf8',
  });
  for (const role of buildRoles())
    expect(stdout).toContain(`# role ${roleFile(role)}: ${role.meaning}\n${roleText(role)}`);
});

describe.each(buildRoles().map((role) => [role.name, role] as const))('the role %s', (name, role) => {
  it('stands in elastic/roles', async () => {
    await expect(roleText(role)).toMatchFileSnapshot(join(root, 'elastic', 'roles', roleFile(role)));
  });

  it('is told in docs/security.md', () => {
    const told = [role.body.cluster, role.body.indices.flatMap(({ privileges }) => privileges)];
    const cells = told.map((privileges) => privileges.map((each) => `\`${each}\``).join(', ') || 'none');
    expect(page).toContain(`| \`${name}\` | ${role.meaning} | ${cells.join(' | ')} |`);
  });
});
