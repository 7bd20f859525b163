/** Nothing in the tables is superfluous: every metric is set, every event logged, every code thrown, every option read. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { EXIT_CODES } from '../../../src/cli/exit-codes.ts';
import { ERRORS } from '../../../src/tables/errors.ts';
import { LOG_EVENTS } from '../../../src/tables/log-events.ts';
import { METRICS } from '../../../src/tables/metrics.ts';
import { type Command, flagOf, OPTIONS, type OptionDefinition, variableOf } from '../../../src/tables/options.ts';
import { renderReference } from '../../support/reference.ts';

const root = join(import.meta.dirname, '..', '..', '..');

/** The TypeScript files below a folder, by their path in it. */
function filesOf(folder: string): Map<string, string> {
  const names = readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' });
  const paths = names.filter((name) => name.endsWith('.ts'));
  return new Map(paths.map((path) => [path, readFileSync(join(root, folder, path), 'utf8')]));
}

const sources = filesOf('src');
const code = [...sources].filter(([path]) => !path.startsWith('tables/')).map(([, text]) => text);
const tests = [...filesOf('test')].filter(([path]) => !path.endsWith('in-use.test.ts')).map(([, text]) => text);

const holds = (texts: readonly string[], pattern: RegExp): boolean => texts.some((text) => pattern.test(text));

describe('metrics', () => {
  const CALLS = { counter: 'increment', gauge: 'set', histogram: 'observe' } as const;

  it.each(Object.entries(METRICS))('%s is set as what it is', (name, { kind }) => {
    expect(holds(code, new RegExp(`\\.${CALLS[kind]}\\(\\s*'${name}'`))).toBe(true);
    for (const call of Object.values(CALLS)) {
      if (call !== CALLS[kind]) expect(holds(code, new RegExp(`\\.${call}\\(\\s*'${name}'`))).toBe(false);
    }
  });

  it.each(Object.entries(METRICS))(
    '%s is named by the conventions of Prometheus',
    (name, { kind, labels, meaning }) => {
      expect(name).toMatch(/^oomscope_[a-z]+(_[a-z]+)*$/);
      expect(name.endsWith('_total')).toBe(kind === 'counter');
      expect(name).not.toMatch(/_(ms|milliseconds|kb|count|sum|bucket)$/);
      for (const label of labels) expect(label).toMatch(/^[a-z]+$/);
      expect(meaning).toMatch(/\.$/);
    },
  );

  it.each(Object.keys(METRICS))('%s is looked at by a test', (name) => {
    expect(holds(tests, new RegExp(`\\b${name}(?:_sum|_count|_bucket)?\\b`))).toBe(true);
  });
});

describe('log events', () => {
  it.each(Object.keys(LOG_EVENTS))('%s is logged', (name) => {
    expect(holds(code, new RegExp(`\\.event\\(\\s*'${name}'`))).toBe(true);
  });

  it.each(Object.keys(LOG_EVENTS))('%s is looked at by a test', (name) => {
    expect(holds(tests, new RegExp(`'${name}'`))).toBe(true);
  });
});

describe('errors and exit codes', () => {
  it.each(Object.keys(ERRORS))('%s arises somewhere', (name) => {
    expect(holds(code, new RegExp(`'${name}'`))).toBe(true);
  });

  it.each(Object.keys(ERRORS))('%s is looked at by a test', (name) => {
    expect(holds(tests, new RegExp(`\\b${name}\\b`))).toBe(true);
  });

  it('every exit code is the end of an error, success or a defect', () => {
    const reached = new Set([0, 70, ...Object.values(ERRORS).map(({ exitCode }) => exitCode)]);
    expect(Object.keys(EXIT_CODES).map(Number).sort()).toEqual([...reached].sort());
  });
});

describe('options', () => {
  /** The files of src/cli that a command is made of: its own and those that it imports, one from another. */
  function filesFrom(start: string): string[] {
    const seen = new Set<string>();
    const visit = (path: string): void => {
      const text = sources.get(path);
      if (text === undefined || seen.has(path)) return;
      seen.add(path);
      for (const [, name] of text.matchAll(/from '\.\/([\w-]+\.ts)'/g)) visit(`cli/${name}`);
    };
    visit(start);
    return [...seen].map((path) => sources.get(path) ?? '');
  }

  const commands: readonly (readonly [Command, string])[] = (OPTIONS as readonly OptionDefinition[]).flatMap(
    ({ name, commands: of }) => of.map((command) => [command, name] as const),
  );

  it.each(commands)('%s reads %s', (command, name) => {
    const escaped = name.replaceAll('.', '\\.');
    const reading = name.includes('.') ? `\\['${escaped}'\\]|'${escaped}'` : `\\['${name}'\\]|\\.${name}\\b|'${name}'`;
    expect(holds(filesFrom(`cli/${command}.ts`), new RegExp(reading))).toBe(true);
  });

  it('no command reads an option that it does not have', () => {
    const known = new Set<string>(OPTIONS.map(({ name }) => name));
    for (const [path, text] of sources) {
      if (!path.startsWith('cli/')) continue;
      for (const [, name] of text.matchAll(/(?:options|values)\['([a-z.]+)'\]/g)) expect(known).toContain(name);
    }
  });
});

it('the reference names every metric, event, code and option', () => {
  const reference = renderReference();
  const names = [
    ...Object.keys(METRICS),
    ...Object.keys(LOG_EVENTS),
    ...Object.keys(ERRORS),
    ...OPTIONS.flatMap(({ name }) => [name, flagOf(name), variableOf(name)]),
  ];
  for (const name of names) expect(reference).toContain(`\`${name}\``);
  for (const exitCode of Object.keys(EXIT_CODES)) expect(reference).toMatch(new RegExp(`^\\| ${exitCode} \\|`, 'm'));
});

it('what pages for people name of metrics and events is there', () => {
  const pages = ['README.md', ...readdirSync(join(root, 'docs')).map((name) => join('docs', name))];
  for (const page of pages.filter((name) => name.endsWith('.md'))) {
    const text = readFileSync(join(root, page), 'utf8');
    for (const [name] of text.matchAll(/\boomscope_[a-z_]+[a-z]\b/g)) {
      expect(Object.keys(METRICS), `${page} names ${name}`).toContain(name.replace(/_(bucket|sum|count)$/, ''));
    }
    for (const [, variable] of text.matchAll(/\b(OOMSCOPE_[A-Z_]+[A-Z])\b/g)) {
      const variables = OPTIONS.map(({ name }) => variableOf(name));
      const base = variable?.replace(/_FILE$/, '') ?? '';
      expect(
        [...variables, 'OOMSCOPE_CONFIG', 'OOMSCOPE_CORPUS', 'OOMSCOPE_FUZZ'],
        `${page} names ${variable}`,
      ).toContain(base);
    }
  }
});
