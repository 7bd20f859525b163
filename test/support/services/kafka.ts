/** A broker of one node from the artifacts of Maven Central, on a free loopback port. */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cached } from './cache.ts';
import { findJava, type Java, maven, pomOf } from './java.ts';
import { planSecurity, SECURE_PROTOCOLS, type SecureListeners, type SecurityPlan } from './kafka-security.ts';
import { freePorts, ServerProcess } from './server-process.ts';

const run = promisify(execFile);

const VERSION = '4.4.0';
const LOWEST_JAVA = 17;

/** Twenty-two characters of base64: any will do for a cluster of one. */
const CLUSTER_ID = 'AAAAAAAAAAAAAAAAAAAAAQ';

export interface LocalServer {
  readonly address: string;
  readonly process: ServerProcess;
  /** Stops it and removes its data. */
  readonly remove: () => Promise<void>;
}

export interface LocalKafka extends LocalServer {
  readonly secure?: SecureListeners;
  /** The listener whose clients are told to come through the proxy. */
  readonly behindProxy?: string;
}

export interface LocalKafkaOptions {
  /** Listeners with TLS and SASL, and an authorizer; `jwksUrl` serves the keys of tokens (OAUTHBEARER). */
  readonly secure?: { readonly jwksUrl?: string };
  /** Port of a proxy on this machine: a second listener tells its clients that the broker is there. */
  readonly proxyPort?: number;
}

/** Starts a broker; undefined when there is no Java for it. */
export async function startLocalKafka({ secure, proxyPort }: LocalKafkaOptions = {}): Promise<LocalKafka | undefined> {
  const java = await findJava(LOWEST_JAVA);
  if (java === undefined) return undefined;
  const libraries = await cached(`kafka-${VERSION}`, (folder) => download(java, folder));
  const home = await mkdtemp(join(tmpdir(), 'oomscope-kafka-'));
  const [port = 0, controllerPort = 0, proxiedPort = 0, ...others] = await freePorts(6);
  const properties = join(home, 'server.properties');
  const logPath = join(home, 'stdout.log');
  const serverLog = join(home, 'server.log');
  await mkdir(join(home, 'data'));
  const [securePort = 0, mutualPort = 0, bearerPort = 0] = others;
  const securePorts = { secure: securePort, mutual: mutualPort, bearer: bearerPort };
  const security = secure && (await planSecurity(home, securePorts, secure.jwksUrl));
  const listeners = {
    port,
    controllerPort,
    ...(security && { security }),
    ...(proxyPort === undefined ? {} : { proxied: { port: proxiedPort, proxyPort } }),
  };
  await writeFile(properties, propertiesOf(home, listeners));
  await writeFile(join(home, 'log4j2.properties'), logPropertiesOf(serverLog));
  const program = join(java.home, 'bin', 'java');
  const common = [
    '-Xmx256m',
    '-XX:+UseSerialGC',
    '-XX:TieredStopAtLevel=1',
    `-Dlog4j2.configurationFile=${join(home, 'log4j2.properties')}`,
    '-cp',
    join(libraries, '*'),
    ...(security?.javaArgs ?? []),
  ];
  const format = ['kafka.tools.StorageTool', 'format', '--standalone', '-t', CLUSTER_ID, '-c', properties];
  format.push(...(security?.formatArgs ?? []));
  await run(program, [...common, ...format], { timeout: 60_000 });
  let readLines = 0;
  const process = new ServerProcess({
    name: `Kafka ${VERSION}`,
    command: program,
    args: [...common, 'kafka.Kafka', properties],
    cwd: home,
    logPath,
    otherLogs: [serverLog],
    // The log goes on over a restart: only a line that was not there before counts.
    isReady: async () => {
      const starts = (await readFile(serverLog, 'utf8').catch(() => '')).split('Kafka Server started').length - 1;
      if (starts <= readLines) return false;
      readLines = starts;
      return true;
    },
  });
  await process.start();
  return {
    address: `127.0.0.1:${port}`,
    ...(security && { secure: security.listeners }),
    ...(proxyPort === undefined ? {} : { behindProxy: `127.0.0.1:${proxiedPort}` }),
    process,
    remove: async () => {
      await process.stop();
      await rm(home, { recursive: true, force: true });
    },
  };
}

async function download(java: Java, folder: string): Promise<void> {
  const work = await mkdtemp(join(tmpdir(), 'oomscope-mvn-'));
  try {
    await writeFile(
      join(work, 'pom.xml'),
      pomOf([
        { group: 'org.apache.kafka', artifact: 'kafka_2.13', version: VERSION },
        { group: 'org.apache.logging.log4j', artifact: 'log4j-slf4j-impl', version: '2.25.5' },
      ]),
    );
    await maven(java, work, ['dependency:copy-dependencies', '-DincludeScope=runtime', `-DoutputDirectory=${folder}`]);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

interface Listeners {
  readonly port: number;
  readonly controllerPort: number;
  readonly security?: SecurityPlan;
  readonly proxied?: { readonly port: number; readonly proxyPort: number };
}

/** Settings of a broker that starts fast, is small, and comes back fast after being killed. */
const propertiesOf = (home: string, ports: Listeners): string =>
  Object.entries({
    'process.roles': 'broker,controller',
    'node.id': 1,
    'controller.quorum.bootstrap.servers': `127.0.0.1:${ports.controllerPort}`,
    listeners: `${listenersOf(ports, ports.proxied?.port)},CONTROLLER://127.0.0.1:${ports.controllerPort}`,
    'advertised.listeners': listenersOf(ports, ports.proxied?.proxyPort),
    ...ports.security?.properties,
    'controller.listener.names': 'CONTROLLER',
    'inter.broker.listener.name': 'PLAINTEXT',
    'listener.security.protocol.map': `PLAINTEXT:PLAINTEXT,PROXIED:PLAINTEXT,CONTROLLER:PLAINTEXT,${SECURE_PROTOCOLS}`,
    'log.dirs': join(home, 'data'),
    'auto.create.topics.enable': false,
    'num.partitions': 1,
    'default.replication.factor': 1,
    'offsets.topic.replication.factor': 1,
    'offsets.topic.num.partitions': 1,
    'transaction.state.log.replication.factor': 1,
    'transaction.state.log.min.isr': 1,
    'transaction.state.log.num.partitions': 1,
    'share.coordinator.state.topic.replication.factor': 1,
    'share.coordinator.state.topic.min.isr': 1,
    'share.coordinator.state.topic.num.partitions': 1,
    'group.initial.rebalance.delay.ms': 0,
    'group.min.session.timeout.ms': 1000,
    'log.index.size.max.bytes': 1_048_576,
    'log.cleaner.dedupe.buffer.size': 4_194_304,
    'log.retention.ms': -1,
    'num.network.threads': 2,
    'num.io.threads': 4,
    'background.threads': 2,
    'broker.heartbeat.interval.ms': 500,
    'broker.session.timeout.ms': 2000,
  })
    .map(([key, value]) => `${key}=${value}\n`)
    .join('');

const listenersOf = ({ port, security }: Listeners, proxiedPort: number | undefined): string =>
  Object.entries({ PLAINTEXT: port, ...security?.ports, PROXIED: proxiedPort })
    .filter(([, at]) => at !== undefined)
    .map(([name, at]) => `${name}://127.0.0.1:${at}`)
    .join(',');

const logPropertiesOf = (path: string): string => `status=error
appender.f.type=File
appender.f.name=f
appender.f.fileName=${path}
appender.f.layout.type=PatternLayout
appender.f.layout.pattern=%d{ISO8601} %p %c{1} - %m%n
rootLogger.level=info
rootLogger.appenderRef.f.ref=f
`;
