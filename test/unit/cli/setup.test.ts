import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { readOptions } from '../../../src/cli/options.ts';
import { runSetup, type SetupFlags } from '../../../src/cli/setup.ts';
import { buildMapping, SCHEMA_VERSION } from '../../../src/document/index.ts';
import { OomscopeError } from '../../../src/tables/errors.ts';
import { StandInCluster, serveCluster } from '../../support/cluster.ts';

const root = join(import.meta.dirname, '..', '..', '..');
interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The command with these flags, in this process. */
async function run(flags: Partial<SetupFlags>, url = 'http://127.0.0.1:9200'): Promise<Ended> {
  const lines: string[] = [];
  const log = vi.spyOn(console, 'log').mockImplementation((line: string) => void lines.push(line));
  const all = { dryRun: false, print: false, lifecycle: false, remove: false, yes: false, ...flags };
  try {
    const code = await runSetup(await readOptions('setup', { elasticsearchUrl: url }), all);
    return { code, stdout: `${lines.join('\n')}\n`, stderr: '' };
  } catch (error) {
    if (!(error instanceof OomscopeError)) throw error;
    return { code: error.exitCode, stdout: lines.join('\n'), stderr: error.message };
  } finally {
    log.mockRestore();
  }
}

describe('oomscope setup', () => {
  let cluster: StandInCluster;
  let server: Awaited<ReturnType<typeof serveCluster>>;
  beforeEach(async () => {
    cluster = new StandInCluster();
    server = await serveCluster(cluster);
  });
  afterEach(() => server.close());

  const setup = (flags: Partial<SetupFlags> = {}) => run(flags, server.url);

  /** A month without the template's aliases, one without fields and under another policy, one that lacks all. */
  const addMonths = (): void => {
    cluster.addIndex('oom-report-2026.08.01', { mappings: buildMapping() });
    cluster.addIndex('oom-report-2026.09.01', { settings: { 'index.lifecycle.name': 'site-default' } });
    cluster.addIndex('oom-report-2026.10.01', { settings: { 'index.mapping.total_fields.limit': '9' } });
  };

  it('--print prints every template, and with --lifecycle the policy, byte for byte as elastic/templates', async () => {
    const folder = join(root, 'elastic', 'templates');
    const printed = async (lifecycle: boolean): Promise<string[]> => {
      const { stdout } = await run({ print: true, lifecycle });
      return readdirSync(folder).filter((file) =>
        `\n${stdout}`.includes(`\n# ${file}\n${readFileSync(join(folder, file), 'utf8')}\n`),
      );
    };
    const ofLifecycle = ['component-oom-report@lifecycle.json', 'policy-oom-report.json'];
    expect(await printed(true)).toEqual(readdirSync(folder));
    expect(await printed(false)).toEqual(readdirSync(folder).filter((file) => !ofLifecycle.includes(file)));
  });

  it('--dry-run says what the run says, and changes nothing; the second run changes nothing either', async () => {
    addMonths();
    const dry = await setup({ lifecycle: true, dryRun: true });
    expect(cluster.changed).toEqual([]);
    const first = await setup({ lifecycle: true });
    const linesOf = ({ stdout }: Ended) => stdout.trimEnd().split('\n');
    expect(linesOf(first).slice(0, -1)).toEqual(
      linesOf(dry)
        .slice(0, -1)
        .map((line) => line.replace('would be ', '')),
    );
    expect(linesOf(first)).toEqual([
      'component template oom-report@mappings: created',
      'component template oom-report@settings: created',
      'index template oom-report: created',
      'component template oom-host@mappings: created',
      'index template oom-host: created',
      'mapping of oom-report-2026.08.01: unchanged',
      'aliases of oom-report-2026.08.01: updated (oom-report, logs-oom.report)',
      'mapping of oom-report-2026.09.01: updated',
      'aliases of oom-report-2026.09.01: updated (oom-report, logs-oom.report)',
      expect.stringMatching(/^limit of fields of oom-report-2026\.10\.01: updated \(9 to \d{3}\)$/),
      'mapping of oom-report-2026.10.01: updated',
      'aliases of oom-report-2026.10.01: updated (oom-report, logs-oom.report)',
      'lifecycle policy oom-report: created',
      'component template oom-report@lifecycle: created',
      'lifecycle of oom-report-2026.08.01: updated (oom-report)',
      'lifecycle of oom-report-2026.09.01: unchanged (site-default)',
      'lifecycle of oom-report-2026.10.01: updated (oom-report)',
      `${server.url} is ready for oomscope.`,
    ]);
    const changes = cluster.changed.length;
    const second = await setup({ lifecycle: true });
    expect(second.stdout).not.toMatch(/created|updated/);
    expect(cluster.changed).toHaveLength(changes);
    expect([dry.code, first.code, second.code]).toEqual([0, 0, 0]);
  });

  it('refuses with and without --dry-run alike, before anything is changed', async () => {
    addMonths();
    cluster.addIndex('oom-report-2026.07.01', { mappings: { properties: { message: { type: 'long' } } } });
    const [dry, real] = [await setup({ dryRun: true }), await setup()];
    expect(dry).toEqual(real);
    expect(real).toMatchObject({ code: 6, stdout: '', stderr: expect.stringMatching(/2026\.07\.01.*message is long/) });
    expect(cluster.changed).toEqual([]);
  });

  it('tells what it had changed when it fails half way', async () => {
    cluster.intercept = ({ method, path }) =>
      method === 'PUT' && path === '/_component_template/oom-host@mappings'
        ? { kind: 'answer', status: 503, body: {} }
        : undefined;
    const { code, stdout, stderr } = await setup();
    expect(code).toBe(4);
    expect(stdout.match(/: created$/gm)).toHaveLength(3);
    expect(stdout).not.toContain('ready');
    expect(stderr).toContain('installing oom-host@mappings');
  });

  it('--remove says what becomes of workers, and refuses what it must not remove', async () => {
    await setup();
    const dry = await setup({ remove: true });
    expect(dry.stdout).toContain('Workers that run would end with exit code 6');
    const newer = { _meta: { managed_by: 'oomscope', schema_version: SCHEMA_VERSION + 1 } };
    cluster.kept.set('/_component_template/oom-host@mappings', newer);
    const changes = cluster.changed.length;
    expect(await setup({ remove: true, yes: true })).toMatchObject({
      code: 6,
      stdout: '',
      stderr: expect.stringContaining('update oomscope'),
    });
    expect(cluster.changed).toHaveLength(changes);
  });
});
