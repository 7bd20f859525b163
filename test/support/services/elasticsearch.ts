/** An Elasticsearch of one node from the artifacts of Maven Central, on a free loopback port. */
import { chown, cp, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { distributionOf, VERSIONS } from './distribution.ts';
import type { SecuredConfiguration } from './elasticsearch-security.ts';
import type { Flavour } from './flavour.ts';
import { findJava, type Java } from './java.ts';
import type { LocalServer } from './kafka.ts';
import { freePorts, ServerProcess } from './server-process.ts';

/** The least version of Java, by flavour. */
export const LOWEST_JAVA: Readonly<Record<Flavour, number>> = { '8lite': 17, '8full': 17, '9': 21 };

/** nobody: Elasticsearch refuses to run as root. */
const NOBODY = 65_534;

/** Further lines of elasticsearch.yml, such as `indexing_pressure.memory.limit: 60kb`. An unknown one stops the node. */
export type Settings = Readonly<Record<string, string | number | boolean>>;

/** Starts a server of a flavour, with TLS and users where `secured` says so. Undefined without a Java for it. */
export async function startLocalElasticsearch(
  flavour: Flavour,
  settings: Settings = {},
  secured?: SecuredConfiguration,
): Promise<LocalServer | undefined> {
  const java = await findJava(LOWEST_JAVA[flavour]);
  if (java === undefined) return undefined;
  const distribution = await distributionOf(flavour, java);
  const work = await mkdtemp(join(tmpdir(), 'oomscope-elasticsearch-'));
  const [port = 0, transportPort = 0] = await freePorts(2);
  const [config, temporary] = [join(work, 'config'), join(work, 'tmp')];
  for (const name of ['data', 'logs', 'tmp', 'config']) await mkdir(join(work, name));
  await cp(join(distribution, 'config'), config, { recursive: true });
  await writeFile(
    join(config, 'elasticsearch.yml'),
    yamlOf(work, port, transportPort, { ...settings, ...secured?.settings }),
  );
  for (const [path, text] of Object.entries(secured?.files ?? {})) await writeFile(join(config, path), text);
  await writeFile(join(config, 'jvm.options'), JVM_OPTIONS);
  const isRoot = process.getuid?.() === 0;
  if (isRoot) await giveTo(NOBODY, work);
  const address = `${secured === undefined ? 'http' : 'https'}://127.0.0.1:${port}`;
  const server = new ServerProcess({
    name: `Elasticsearch ${VERSIONS[flavour]} (${flavour})`,
    ...launchOf(flavour, distribution, java),
    cwd: distribution,
    env: {
      ES_JAVA_HOME: java.home,
      ES_PATH_CONF: config,
      ES_TMPDIR: temporary,
      LIBFFI_TMPDIR: temporary,
      ES_JAVA_OPTS: '-Xms256m -Xmx256m',
      HOME: work,
      // What bin/elasticsearch would set.
      ES_HOME: distribution,
      ES_DISTRIBUTION_TYPE: 'zip',
      JAVA: join(java.home, 'bin', 'java'),
      JAVA_TYPE: 'ES_JAVA_HOME',
      CLI_JAVA_OPTS: LAUNCHER_OPTIONS.join(' '),
    },
    ...(isRoot ? { uid: NOBODY } : {}),
    logPath: join(work, 'stdout.log'),
    isReady: () => (secured === undefined ? isHealthy(address) : secured.isReady(port)),
  });
  await server.start();
  return {
    address,
    process: server,
    remove: async () => {
      await server.stop();
      await rm(work, { recursive: true, force: true });
    },
  };
}

const LAUNCHER_OPTIONS = ['-Xms4m', '-Xmx64m', '-XX:+UseSerialGC'];

/** The distribution of 9 comes without its shell scripts. */
function launchOf(flavour: Flavour, home: string, java: Java): { readonly command: string; readonly args: string[] } {
  if (flavour !== '9') return { command: 'bash', args: [join(home, 'bin', 'elasticsearch')] };
  const classPath = [join(home, 'lib', 'tools', 'server-launcher', '*'), join(home, 'lib', '*')].join(':');
  const launcher = 'org.elasticsearch.server.launcher.ServerLauncher';
  return { command: join(java.home, 'bin', 'java'), args: [...LAUNCHER_OPTIONS, '-cp', classPath, launcher] };
}

async function isHealthy(address: string): Promise<boolean> {
  try {
    const url = `${address}/_cluster/health?wait_for_status=yellow&timeout=1s`;
    return (await fetch(url, { signal: AbortSignal.timeout(2_000) })).ok;
  } catch {
    return false;
  }
}

const yamlOf = (work: string, port: number, transportPort: number, settings: Settings): string =>
  Object.entries({
    'cluster.name': 'oomscope-test',
    'node.name': 'n1',
    'discovery.type': 'single-node',
    'network.host': '127.0.0.1',
    'http.port': port,
    'transport.port': transportPort,
    'path.data': join(work, 'data'),
    'path.logs': join(work, 'logs'),
    'xpack.security.enabled': false,
    'cluster.routing.allocation.disk.threshold_enabled': false,
    'action.destructive_requires_name': false,
    ...settings,
  })
    .map(([key, value]) => `${key}: ${value}\n`)
    .join('');

const JVM_OPTIONS = `-XX:+UseSerialGC
-XX:TieredStopAtLevel=1
-XX:-AlwaysPreTouch
-Djava.io.tmpdir=\${ES_TMPDIR}
-XX:+ExitOnOutOfMemoryError
-XX:ErrorFile=\${ES_TMPDIR}/hs_err_pid%p.log
20-:--add-modules=jdk.incubator.vector
-Dorg.apache.lucene.store.MMapDirectory.sharedArenaMaxPermits=1
`;

async function giveTo(uid: number, folder: string): Promise<void> {
  await chown(folder, uid, uid);
  for (const entry of await readdir(folder, { recursive: true })) await chown(join(folder, entry), uid, uid);
}
