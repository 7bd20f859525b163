/**
 * Servers for the integration tests, started once per run; tests take their addresses by `inject('kafka')`.
 *
 * Where no server can be had the tests are skipped, and the last lines of the run say so; with REQUIRE_INTEGRATION=1 that
 * is a failure.
 */
import type { TestProject } from 'vitest/node';
import {
  ABILITIES,
  type Abilities,
  type Ability,
  type Flavour,
  flavourOfRun,
  missingAbilities,
  probeAbilities,
} from './services/flavour.ts';
import { type ElasticsearchService, NoService, type Service, startElasticsearch, startKafka } from './services.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Addresses; undefined where there is no server, and the tests are to be skipped. */
    kafka: { readonly brokers: readonly string[] } | undefined;
    elasticsearch: ProvidedElasticsearch | undefined;
  }
}

export interface ProvidedElasticsearch {
  readonly url: string;
  readonly flavour: Flavour;
  /** What a test may ask of it. A server that lacks what its flavour has to have ends the run before the first test. */
  readonly can: Abilities;
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
  project.provide('elasticsearch', elasticsearch && (await describeServer(elasticsearch)));
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

async function describeServer(server: ElasticsearchService): Promise<ProvidedElasticsearch> {
  const flavour = flavourOfRun();
  const can = await probeAbilities(server.url);
  const missing = missingAbilities({ from: server.from, flavour }, can);
  const name = server.from === 'environment' ? 'Elasticsearch of ELASTICSEARCH_URL' : `Elasticsearch ${flavour}`;
  if (missing.length > 0) {
    await server.stop();
    throw new Error(`${name} lacks what it has to have: ${titlesOf(missing)}.`);
  }
  const absent = (Object.keys(ABILITIES) as Ability[]).filter((ability) => !can[ability]);
  if (process.env['ELASTICSEARCH_FLAVOUR'] && absent.length > 0) {
    process.on('exit', () => console.error(`\n${name} has none of these, they were NOT TESTED: ${titlesOf(absent)}.`));
  }
  return { url: server.url, flavour, can };
}

const titlesOf = (abilities: readonly Ability[]): string => abilities.map((ability) => ABILITIES[ability]).join('; ');
