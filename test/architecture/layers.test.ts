import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { importsOf, type SourceFile, violations } from './layers.ts';

const root = join(import.meta.dirname, '..', '..', 'src');

const sources: SourceFile[] = readdirSync(root, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts'))
  .map((path) => ({ path: path.replaceAll('\\', '/'), text: readFileSync(join(root, path), 'utf8') }));

describe('layers', () => {
  it('are kept by every file', () => {
    expect(sources.length).toBeGreaterThan(20);
    expect(violations(sources)).toEqual([]);
  });

  const planted: [string, SourceFile][] = [
    [
      'the parser importing the enricher',
      { path: 'parser/x.ts', text: "import { analyse } from '../enrich/index.ts';" },
    ],
    ['pure code importing node', { path: 'enrich/x.ts', text: "import { readFileSync } from 'node:fs';" }],
    ['pure code reading the clock', { path: 'view/x.ts', text: 'const now = Date.now();' }],
    ['pure code loading a module late', { path: 'view/x.ts', text: "const fs = await import('node:fs');" }],
    [
      'the ledger importing an adapter beside it',
      { path: 'consumer/ledger.ts', text: "import { f } from './kafka.ts';" },
    ],
    ['a table importing the kernel', { path: 'tables/x.ts', text: "import { isBefore } from '../kernel/version.ts';" }],
    ['one adapter importing another', { path: 'sink/x.ts', text: "import { createLogger } from '../ops/index.ts';" }],
    ['a client package outside clients', { path: 'consumer/kafka.ts', text: "import { Kafka } from 'kafkajs';" }],
    ['the wiring going past a front door', { path: 'pipeline.ts', text: "import { f } from './sink/batch.ts';" }],
    ['anyone importing a shell', { path: 'server/x.ts', text: "import { runDemo } from '../cli/demo.ts';" }],
    [
      'an import over several lines',
      { path: 'parser/x.ts', text: "import {\n  analyse,\n} from '../enrich/index.ts';" },
    ],
    ['a re-export of another folder', { path: 'parser/x.ts', text: "export { analyse } from '../enrich/index.ts';" }],
    ['an export of everything', { path: 'parser/index.ts', text: "export * from './line.ts';" }],
  ];

  it.each(planted)('report %s', (_, file) => {
    expect(violations([file])).toHaveLength(1);
  });

  it('allow what the table allows', () => {
    const allowed: SourceFile[] = [
      {
        path: 'parser/x.ts',
        text: "import type { Zone } from '../domain.ts';\nimport { OPENERS } from '../kernel/openers.ts';",
      },
      { path: 'view/x.ts', text: "import { toDocument } from '../document/index.ts';" },
      { path: 'sink/elasticsearch.ts', text: "import { connect } from '../clients/elasticsearch.ts';" },
      { path: 'clients/kafka.ts', text: "import { Kafka } from 'kafkajs';" },
      {
        path: 'cli/worker.ts',
        text: "import { createPipeline } from '../pipeline.ts';\nimport { x } from './options.ts';",
      },
    ];
    expect(violations(allowed)).toEqual([]);
  });

  it('see imports wherever they stand', () => {
    const text = "import a from 'a';\nimport type { B } from \"./b.ts\";\nexport { c } from '../c/index.ts';";
    expect(importsOf({ path: 'parser/x.ts', text })).toEqual(['a', 'parser/b.ts', 'c/index.ts']);
  });
});
