/** An Elasticsearch of one node from the artifacts of Maven Central, on a free loopback port. */
import { chown, cp, mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cached } from './cache.ts';
import { findJava, type Java, maven, pomOf } from './java.ts';
import type { LocalServer } from './kafka.ts';
import { freePorts, ServerProcess } from './server-process.ts';

const VERSION = '8.19.21';
const LOWEST_JAVA = 17;

/** nobody: Elasticsearch refuses to run as root. */
const NOBODY = 65_534;

/** Further lines of elasticsearch.yml, such as `indexing_pressure.memory.limit: 60kb`. An unknown one stops the node. */
export type Settings = Readonly<Record<string, string | number | boolean>>;

/** Starts flavour 8lite: the core of 8.19 and ES|QL, without Painless, ILM and ingest. Undefined without a Java for it. */
export async function startLocalElasticsearch(settings: Settings = {}): Promise<LocalServer | undefined> {
  const java = await findJava(LOWEST_JAVA);
  if (java === undefined) return undefined;
  const cache = await cached(`elasticsearch-8lite-${VERSION}`, (folder) => download(java, folder));
  const distribution = join(cache, 'home');
  const work = await mkdtemp(join(tmpdir(), 'oomscope-elasticsearch-'));
  const [port = 0, transportPort = 0] = await freePorts(2);
  const [config, temporary] = [join(work, 'config'), join(work, 'tmp')];
  for (const name of ['data', 'logs', 'tmp', 'config']) await mkdir(join(work, name));
  await cp(join(distribution, 'config'), config, { recursive: true });
  await writeFile(join(config, 'elasticsearch.yml'), yamlOf(work, port, transportPort, settings));
  await writeFile(join(config, 'jvm.options'), JVM_OPTIONS);
  const isRoot = process.getuid?.() === 0;
  if (isRoot) await giveTo(NOBODY, work);
  const address = `http://127.0.0.1:${port}`;
  const server = new ServerProcess({
    name: `Elasticsearch ${VERSION}`,
    command: 'bash',
    args: [join(distribution, 'bin', 'elasticsearch')],
    cwd: distribution,
    env: {
      ES_JAVA_HOME: java.home,
      ES_PATH_CONF: config,
      ES_TMPDIR: temporary,
      LIBFFI_TMPDIR: temporary,
      ES_JAVA_OPTS: '-Xms256m -Xmx256m',
      HOME: work,
    },
    ...(isRoot ? { uid: NOBODY } : {}),
    logPath: join(work, 'stdout.log'),
    isReady: () => isHealthy(address),
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

/** The distribution for tests is a zip without ES|QL, whose modules are assembled from their jars. */
async function download(java: Java, folder: string): Promise<void> {
  const work = await mkdtemp(join(tmpdir(), 'oomscope-mvn-'));
  try {
    const artifact = `org.elasticsearch.distribution.integ-test-zip:elasticsearch:${VERSION}:zip`;
    await maven(java, work, ['dependency:unpack', `-Dartifact=${artifact}`, `-DoutputDirectory=${work}`]);
    const home = join(folder, 'home');
    await rename(join(work, `elasticsearch-${VERSION}`), home).catch(() =>
      cp(join(work, `elasticsearch-${VERSION}`), home, { recursive: true }),
    );
    await addEsql(java, work, home);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function addEsql(java: Java, work: string, home: string): Promise<void> {
  const esql = { group: 'org.elasticsearch.plugin', version: VERSION };
  // The version that the modules ask for is not published.
  const h3 = { group: 'org.elasticsearch', artifact: 'elasticsearch-h3', version: '8.19.4' };
  const dependencies = [
    { ...esql, artifact: 'x-pack-esql' },
    { ...esql, artifact: 'x-pack-esql-core' },
  ];
  await writeFile(join(work, 'pom.xml'), pomOf(dependencies, [h3]));
  const jars = join(work, 'jars');
  await maven(java, work, ['dependency:copy-dependencies', `-DoutputDirectory=${jars}`]);
  const [core, module] = [join(home, 'modules', 'x-pack-esql-core'), join(home, 'modules', 'x-pack-esql')];
  await mkdir(core);
  await mkdir(module);
  // A library on two class paths stops the node.
  const taken = new Set(['slf4j-nop']);
  for (const path of [join(home, 'lib'), join(home, 'modules', 'x-pack-core')]) {
    for (const file of await readdir(path)) taken.add(libraryOf(file));
  }
  const ofCore = new Set(['x-pack-esql-core', 'x-pack-mapper-version', 'antlr4-runtime']);
  for (const file of await readdir(jars)) {
    const library = libraryOf(file);
    if (taken.has(library)) continue;
    await cp(join(jars, file), join(ofCore.has(library) ? core : module, file));
  }
  await describe(core, 'x-pack-esql-core', 'org.elasticsearch.xpack.esql.core.plugin.EsqlCorePlugin', 'x-pack-core');
  await describe(module, 'x-pack-esql', 'org.elasticsearch.xpack.esql.plugin.EsqlPlugin', 'x-pack-esql-core');
}

/** `antlr4-runtime` of `antlr4-runtime-4.11.1.jar`. */
const libraryOf = (file: string): string => file.replace(/-\d.*$/, '');

const describe = (folder: string, name: string, className: string, extended: string): Promise<void> =>
  writeFile(
    join(folder, 'plugin-descriptor.properties'),
    [
      `description=${name} from its jars`,
      `version=${VERSION}`,
      `name=${name}`,
      'java.version=17',
      `elasticsearch.version=${VERSION}`,
      `classname=${className}`,
      `extended.plugins=${extended}`,
      '',
    ].join('\n'),
  );
