/**
 * Real servers for tests: those that the environment names, else containers, else local ones from Maven Central.
 *
 * KAFKA_BROKERS and ELASTICSEARCH_URL name servers that run already. Without a container engine and without Java and Maven
 * nothing can be started; then `NoService` says what was missing.
 */
import { ElasticsearchContainer } from '@testcontainers/elasticsearch';
import { KafkaContainer } from '@testcontainers/kafka';
import { getContainerRuntimeClient } from 'testcontainers';
import { LOWEST_JAVA, type Settings, startLocalElasticsearch } from './services/elasticsearch.ts';
import { planElasticsearchSecurity, type SecurityOfElasticsearch } from './services/elasticsearch-security.ts';
import { type Flavour, flavourOfRun } from './services/flavour.ts';
import { findOnPath, NoService } from './services/java.ts';
import { type LocalKafka, type LocalServer, startLocalKafka } from './services/kafka.ts';
import type { SecureListeners } from './services/kafka-security.ts';

export { NoService } from './services/java.ts';

const KAFKA_IMAGE = 'confluentinc/cp-kafka:8.0.0';
const ELASTICSEARCH_IMAGES: Readonly<Record<Flavour, string>> = {
  '8lite': 'elasticsearch:8.19.8',
  '8full': 'elasticsearch:8.19.8',
  '9': 'elasticsearch:9.2.2',
};

export interface Service {
  readonly from: 'environment' | 'container' | 'local';
  /** Ends it at once, as a power cut would; `restart` brings it back with its data. */
  kill(): Promise<void>;
  restart(): Promise<void>;
  stop(): Promise<void>;
}

export interface KafkaService extends Service {
  readonly brokers: readonly string[];
}

export interface ElasticsearchService extends Service {
  readonly url: string;
}

export async function startKafka(): Promise<KafkaService> {
  const given = process.env['KAFKA_BROKERS'];
  if (given) return { brokers: given.split(','), ...givenService('KAFKA_BROKERS') };
  if (await hasContainerEngine()) {
    const container = await new KafkaContainer(KAFKA_IMAGE).withKraft().start();
    return { brokers: [`${container.getHost()}:${container.getMappedPort(9093)}`], ...containerService(container) };
  }
  const server = await local('Kafka', () => startLocalKafka());
  return { brokers: [server.address], ...localService(server) };
}

/**
 * A local broker that also listens with TLS and SASL, and has an authorizer; neither the environment nor containers offer
 * one. `jwksUrl` serves the keys of bearer tokens.
 */
export async function startSecureKafka(jwksUrl?: string): Promise<KafkaService & { readonly secure: SecureListeners }> {
  const secure = jwksUrl === undefined ? {} : { jwksUrl };
  const server = await local<LocalKafka>('Kafka', () => startLocalKafka({ secure }));
  if (server.secure === undefined) throw new Error('the broker has no secure listener');
  return { brokers: [server.address], secure: server.secure, ...localService(server) };
}

/** A local broker with a second listener that sends its clients through the proxy on `proxyPort`. */
export async function startProxiedKafka(proxyPort: number): Promise<KafkaService & { readonly behindProxy: string }> {
  const server = await local<LocalKafka>('Kafka', () => startLocalKafka({ proxyPort }));
  if (server.behindProxy === undefined) throw new Error('the broker has no listener for the proxy');
  return { brokers: [server.address], behindProxy: server.behindProxy, ...localService(server) };
}

/**
 * `settings` are further lines of elasticsearch.yml, to provoke faults; servers of the environment do not take them and
 * are of the flavour that they are.
 */
export async function startElasticsearch(
  settings: Settings = {},
  flavour: Flavour = flavourOfRun(),
): Promise<ElasticsearchService> {
  const given = process.env['ELASTICSEARCH_URL'];
  return given ? { url: given, ...givenService('ELASTICSEARCH_URL') } : startOwnElasticsearch(settings, flavour);
}

/** A server that the caller may end and restart, whatever the environment names. */
export async function startOwnElasticsearch(
  settings: Settings = {},
  flavour: Flavour = flavourOfRun(),
): Promise<ElasticsearchService> {
  if (await hasContainerEngine()) {
    const container = await new ElasticsearchContainer(ELASTICSEARCH_IMAGES[flavour])
      .withEnvironment({
        'xpack.security.enabled': 'false',
        ...Object.fromEntries(Object.entries(settings).map(([key, value]) => [key, String(value)])),
      })
      .start();
    return { url: container.getHttpUrl(), ...containerService(container) };
  }
  const server = await local('Elasticsearch', () => startLocalElasticsearch(flavour, settings), LOWEST_JAVA[flavour]);
  return { url: server.address, ...localService(server) };
}

/** A local server with TLS and a user for every role; neither the environment nor containers offer one. */
export async function startSecureElasticsearch(
  flavour: Flavour = flavourOfRun(),
): Promise<ElasticsearchService & { readonly security: SecurityOfElasticsearch }> {
  const secured = await planElasticsearchSecurity();
  const start = () => startLocalElasticsearch(flavour, {}, secured);
  const server = await local('Elasticsearch', start, LOWEST_JAVA[flavour]);
  return { url: server.address, security: secured.security, ...localService(server) };
}

async function hasContainerEngine(): Promise<boolean> {
  try {
    await getContainerRuntimeClient();
    return true;
  } catch {
    return false;
  }
}

async function local<T extends LocalServer>(
  name: string,
  start: () => Promise<T | undefined>,
  lowestJava = 17,
): Promise<T> {
  const mvn = await findOnPath('mvn');
  const server = mvn === undefined ? undefined : await start();
  if (server !== undefined) return server;
  const missing = mvn === undefined ? 'Maven (mvn)' : `Java ${lowestJava} or newer`;
  throw new NoService(
    `${name} cannot be started: no container engine answers, and ${missing} is missing. ` +
      'Install either, or name running servers in KAFKA_BROKERS and ELASTICSEARCH_URL.',
  );
}

function givenService(variable: string): Service {
  const refuse = async (): Promise<void> => {
    throw new Error(`The server of ${variable} is not this test's to end.`);
  };
  return { from: 'environment', kill: refuse, restart: refuse, stop: async () => {} };
}

function localService({ process, remove }: LocalServer): Service {
  return {
    from: 'local',
    kill: () => process.kill(),
    restart: async () => {
      await process.stop();
      await process.start();
    },
    stop: remove,
  };
}

interface Container {
  restart(options?: { timeout: number }): Promise<void>;
  stop(): Promise<unknown>;
  getId(): string;
}

function containerService(container: Container): Service {
  return {
    from: 'container',
    kill: async () => {
      const { container: engine } = await getContainerRuntimeClient();
      await engine.getById(container.getId()).kill();
    },
    restart: () => container.restart(),
    stop: async () => {
      await container.stop();
    },
  };
}
