import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openReportDatabase, type ReportDatabase } from '../../../src/clients/sqlite.ts';
import type { ReportStore } from '../../../src/ports.ts';
import { createSqliteSink } from '../../../src/sink/index.ts';
import { createSqliteStore } from '../../../src/store/index.ts';
import { ManualClock } from '../../support/fakes.ts';
import { contractWrites, storeContract } from '../../support/store-contract.ts';

describe('the SQLite store', () => {
  let database: ReportDatabase;
  let store: ReportStore;
  beforeAll(async () => {
    database = openReportDatabase(':memory:');
    store = createSqliteStore(database);
    const sink = createSqliteSink(database, new ManualClock());
    for (const write of contractWrites()) await sink.write(write);
  });
  afterAll(() => database.close());

  storeContract(() => store);

  it('scans more than one page', async () => {
    const many = openReportDatabase(':memory:');
    const sink = createSqliteSink(many, new ManualClock());
    const [write] = contractWrites();
    if (!write) throw new Error('no write');
    for (let i = 0; i < 250; i++) await sink.write({ ...write, id: `id-${i}` });
    let count = 0;
    for await (const _ of createSqliteStore(many).scan()) count += 1;
    expect(count).toBe(250);
    many.close();
  });

  it.each(["x') OR 1=1 --", 'a"b', '', '$[0]'])('finds nothing by the hostile field name %j', async (field) => {
    expect(await store.search({ [field]: 1 }, 10)).toEqual([]);
    expect(await store.aggregate(field)).toEqual([]);
  });
});
