import { defineConfig } from 'vitest/config';

const corpus = process.env['OOMSCOPE_CORPUS'];
if (!corpus) {
  console.warn('OOMSCOPE_CORPUS is not set: the tests on real logs are skipped.');
}

/** What touches Elasticsearch: run by `npm run test:elastic` once per flavour, and not by `npm test`. */
const elastic = {
  test: {
    name: 'elastic',
    include: ['test/{elastic,integration}/**/*.test.ts'],
    exclude: ['test/integration/kafka*'],
    globalSetup: ['test/support/global-setup.ts'],
    testTimeout: 120_000,
    hookTimeout: 180_000,
    fileParallelism: false,
  },
};

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/{unit,golden,property,architecture}/**/*.test.ts'],
        },
      },
      {
        test: {
          name: 'integration',
          include: ['test/integration/**/*.test.ts'],
          globalSetup: ['test/support/global-setup.ts'],
          testTimeout: 120_000,
          hookTimeout: 180_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          name: 'chaos',
          include: ['test/chaos/**/*.test.ts'],
          testTimeout: 300_000,
          hookTimeout: 180_000,
          fileParallelism: false,
        },
      },
      ...(process.env['ELASTICSEARCH_FLAVOUR'] ? [elastic] : []),
    ],
  },
});
