/** Java and Maven as this machine has them. */
import { execFile } from 'node:child_process';
import { access, readdir } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

const JVM_FOLDER = '/usr/lib/jvm';

export interface Java {
  /** The folder that JAVA_HOME would name. */
  readonly home: string;
  readonly major: number;
}

/** The oldest Java that is at least `major`, of JAVA_HOME, /usr/lib/jvm and PATH; undefined when there is none. */
export async function findJava(major: number): Promise<Java | undefined> {
  const installed = await readdir(JVM_FOLDER).catch(() => []);
  const homes = [process.env['JAVA_HOME'], ...installed.map((name) => join(JVM_FOLDER, name))];
  const onPath = await findOnPath('java');
  if (onPath !== undefined) homes.push(await homeOf(onPath));
  const found = await Promise.all(homes.filter((home) => home !== undefined).map(javaAt));
  return found
    .filter((java) => java !== undefined && java.major >= major)
    .sort((a, b) => (a?.major ?? 0) - (b?.major ?? 0))[0];
}

async function javaAt(home: string): Promise<Java | undefined> {
  try {
    // openjdk version "17.0.15" 2025-04-15; "1.8.0_392" of old ones gives 1, which is too old in any case
    const { stderr } = await run(join(home, 'bin', 'java'), ['-version'], { timeout: 20_000 });
    const major = /version "(\d+)/.exec(stderr)?.[1];
    return major === undefined ? undefined : { home, major: Number(major) };
  } catch {
    return undefined;
  }
}

async function homeOf(java: string): Promise<string | undefined> {
  const { stderr } = await run(java, ['-XshowSettings:properties', '-version'], { timeout: 20_000 });
  return /java\.home = (.+)/.exec(stderr)?.[1]?.trim();
}

/** The path of a program; undefined when PATH does not lead to it. */
export async function findOnPath(program: string): Promise<string | undefined> {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    const path = join(folder, program);
    try {
      await access(path);
      return path;
    } catch {
      // the next folder
    }
  }
  return undefined;
}

/** No server can be had on this machine. */
export class NoService extends Error {
  override readonly name = 'NoService';
}

/** Runs Maven without a word; rejects with NoService and what it said, for it fails where its repositories are out of reach. */
export async function maven(java: Java, folder: string, goals: readonly string[]): Promise<void> {
  try {
    await run('mvn', ['-B', '-ntp', '-q', ...goals], {
      cwd: folder,
      env: { ...process.env, JAVA_HOME: java.home },
      timeout: 900_000,
      maxBuffer: 16_777_216,
    });
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: string; stderr?: string };
    throw new NoService(`mvn ${goals.join(' ')} failed:\n${stdout ?? ''}${stderr ?? ''}`, { cause: error });
  }
}

export interface Dependency {
  readonly group: string;
  readonly artifact: string;
  readonly version: string;
}

/** A pom that only names dependencies; `managed` are versions that hold for what these bring along. */
export const pomOf = (dependencies: readonly Dependency[], managed: readonly Dependency[] = []): string => `<project>
<modelVersion>4.0.0</modelVersion><groupId>local</groupId><artifactId>services</artifactId><version>1</version>
<packaging>pom</packaging>
<dependencyManagement><dependencies>${managed.map(dependencyXml).join('')}</dependencies></dependencyManagement>
<dependencies>${dependencies.map(dependencyXml).join('')}</dependencies>
</project>`;

const dependencyXml = ({ group, artifact, version }: Dependency): string =>
  `<dependency><groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>${version}</version></dependency>`;
