/** What `explain` prints for twins of real reports: the numbers are theirs, the names are not. */
import { describe, expect, it } from 'vitest';
import { analyse } from '../../src/enrich/index.ts';
import { parseText } from '../../src/parser/index.ts';
import { seedTwinLog } from '../../src/simulate/index.ts';
import { explainScreen, PLAIN } from '../../src/view/explain.ts';
import { TWINS } from '../support/twins/index.ts';
import { twinLines } from '../support/twins/twin.ts';

const LOGS: readonly (readonly [string, readonly string[]])[] = [
  ['seed', seedTwinLog({ lost: true, wrapColumns: 199 })],
  ...Object.entries(TWINS).map(([name, plan]) => [name, twinLines(plan)] as const),
];

describe('explain', () => {
  it.each(LOGS)('of the twin %s', async (name, lines) => {
    const reports = parseText(`${lines.join('\n')}\n`, { path: `${name}.log` });
    expect(reports).toHaveLength(1);
    const screens = reports.map((report) => explainScreen(report, analyse(report), PLAIN));
    await expect(screens.join('')).toMatchFileSnapshot(`explain/${name}.txt`);
  });
});
