import { join } from 'node:path';
import { expect, it } from 'vitest';
import { CHECKS, renderDoctorPage } from '../../src/doctor/index.ts';

it('docs/doctor.md is what the checks say', async () => {
  await expect(renderDoctorPage()).toMatchFileSnapshot(join(import.meta.dirname, '..', '..', 'docs', 'doctor.md'));
});

it('each check has a name of its own and can find something wrong', () => {
  expect(new Set(CHECKS.map(({ name }) => name)).size).toBe(CHECKS.length);
  for (const { name, warns, fails } of CHECKS) expect(warns ?? fails, name).toBeTypeOf('string');
});
