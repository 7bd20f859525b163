/**
 * Servers for the integration tests, started once per run; tests take their addresses by `inject('kafka')`.
 *
 * Where no server can be had the tests are skipped, and the last lines of the run say so; with REQUIRE_INTEGRATION=1 that
 * is a failure.
 */
import type { TestProject } from 'vitest/node';
import { NoService, type Service, startElasticsearch, startKafka } from './services.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Addresses; undefined where there is no server, and the tests are to be skipped. */
    kafka: { readonly brokers: readonly string[] } | undefined;
    elasticsearch: { readonly url: string } | undefined;
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const missing: string[] = [];
  const attempt = async <T extends Service>(start: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await start();
    } catch (error) {
      if (!(error instanceof NoService) || process.env['REQUIRE_INTEGRATION'] === '1') throw error;
      missing.push(error.message);
      return undefined;
    }
  };
  const [kafka, elasticsearch] = await Promise.all([attempt(startKafka), attempt(startElasticsearch)]);
  project.provide('kafka', kafka && { brokers: kafka.brokers });
  project.provide('elasticsearch', elasticsearch && { url: elasticsearch.url });
  if (missing.length > 0) {
    process.on('exit', () => {
      console.error(`\nINTEGRATION TESTS WERE SKIPPED. ${missing.join('\n')}`);
      console.error('Set REQUIRE_INTEGRATION=1 to make this a failure.');
    });
  }
  return async () => {
    await Promise.all([kafka?.stop(), elasticsearch?.stop()]);
  };
}
