/**
 * Options from the command line, the environment and a file, checked against tables/options.ts.
 *
 * Precedence: command line, environment, file, default. Unknown names in a file and values that are not allowed end
 * with CONFIG_INVALID, which names the option, what was given and what is allowed.
 */
import { readFileSync } from 'node:fs';
import { parse as parseYaml, YAMLParseError } from 'yaml';
import { z } from 'zod';
import { OomscopeError } from '../tables/errors.ts';
import {
  type Command,
  expectation,
  flagOf,
  OPTIONS,
  type OptionDefinition,
  type OptionValues,
  variableOf,
} from '../tables/options.ts';

/** Where a value was given, for the message: `--kafka-brokers`, `OOMSCOPE_KAFKA_BROKERS`, `kafka.brokers in x.yaml`. */
interface Given {
  readonly value: unknown;
  readonly where: string;
}

export interface ConfigSources {
  /** Values by flag name without dashes (`kafka-brokers`), as commander hands them over, strings. */
  readonly flags: Readonly<Record<string, unknown>>;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Path of a YAML or JSON file. */
  readonly file?: string | undefined;
}

export interface LoadedConfig {
  readonly values: OptionValues;
  /** Where each value was given (`--kafka-brokers`, `OOMSCOPE_KAFKA_BROKERS`, `kafka.brokers in x.yaml`), by option name. */
  readonly origins: ReadonlyMap<string, string>;
  /** Variables that begin with OOMSCOPE_ and name no option. */
  readonly unknownVariables: readonly string[];
}

/** Variables that begin with OOMSCOPE_ and are no options: the tests' own. */
const OTHER_VARIABLES = new Set(['OOMSCOPE_CORPUS', 'OOMSCOPE_FUZZ', 'OOMSCOPE_CONFIG']);

/** The options of a command with their values. Throws CONFIG_INVALID. */
export function loadConfig(command: Command, sources: ConfigSources): LoadedConfig {
  const options = (OPTIONS as readonly OptionDefinition[]).filter((option) => option.commands.includes(command));
  const fromFile = sources.file === undefined ? new Map<string, Given>() : readConfigFile(sources.file);
  const values: Record<string, unknown> = {};
  const origins = new Map<string, string>();
  for (const option of options) {
    const given = givenValue(option, sources, fromFile);
    if (given !== undefined) origins.set(option.name, given.where);
    values[option.name] =
      given === undefined ? ('default' in option ? option.default : undefined) : check(option, given);
  }
  const known = new Set(
    (OPTIONS as readonly OptionDefinition[]).flatMap(({ name }) => [variableOf(name), `${variableOf(name)}_FILE`]),
  );
  const unknownVariables = Object.keys(sources.environment).filter(
    (name) => name.startsWith('OOMSCOPE_') && !known.has(name) && !OTHER_VARIABLES.has(name),
  );
  return { values: values as OptionValues, origins, unknownVariables };
}

/** The value of an option with more than one source of it, by precedence; a secret may stand in a file of its own. */
function givenValue(option: OptionDefinition, sources: ConfigSources, fromFile: Map<string, Given>): Given | undefined {
  const flag = flagOf(option.name);
  const variable = variableOf(option.name);
  const flagValue = sources.flags[flag.slice(2)];
  if (flagValue !== undefined) return { value: flagValue, where: flag };
  const secretFlag = sources.flags[`${flag.slice(2)}-file`];
  const secretPath = secretFlag ?? sources.environment[`${variable}_FILE`];
  if (option.secret && typeof secretPath === 'string') {
    const where = secretFlag === undefined ? `${variable}_FILE` : `${flag}-file`;
    return { value: readSecret(secretPath, where), where };
  }
  const variableValue = sources.environment[variable];
  if (variableValue !== undefined) return { value: variableValue, where: variable };
  return fromFile.get(option.name);
}

function readSecret(path: string, where: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch (cause) {
    throw new OomscopeError('CONFIG_INVALID', `${where}: cannot read ${path} (${messageOf(cause)}).`, cause);
  }
}

/** A YAML or JSON file, nested or with dotted names, as values by option name. */
function readConfigFile(path: string): Map<string, Given> {
  let text: string;
  let tree: unknown;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw new OomscopeError('CONFIG_INVALID', `--config: cannot read ${path} (${messageOf(cause)}).`, cause);
  }
  try {
    tree = parseYaml(text, { logLevel: 'error' });
  } catch (error) {
    throw new OomscopeError('CONFIG_INVALID', `--config: ${path} is not YAML (${placeOf(error)}).`);
  }
  const found = new Map<string, Given>();
  const names = new Set<string>(OPTIONS.map((option) => option.name));
  const walk = (node: unknown, prefix: string): void => {
    // An option may be a prefix of others (kafka.tls, kafka.tls.ca): a scalar or list is its value, a map goes deeper.
    if (names.has(prefix) && (typeof node !== 'object' || node === null || Array.isArray(node))) {
      found.set(prefix, { value: node, where: `${prefix} in ${path}` });
      return;
    }
    if (typeof node === 'object' && node !== null && !Array.isArray(node)) {
      for (const [key, child] of Object.entries(node)) walk(child, prefix === '' ? key : `${prefix}.${key}`);
      return;
    }
    if (prefix !== '') {
      throw new OomscopeError('CONFIG_INVALID', `${path}: there is no option ${show(prefix)}. ${suggestion(prefix)}`);
    }
  };
  walk(tree, '');
  return found;
}

/** Without the parser's own text: it quotes the file, which may hold secrets. */
function placeOf(error: unknown): string {
  if (!(error instanceof YAMLParseError) || error.linePos === undefined) return 'an alias or a tag is not known';
  const [{ line, col }] = error.linePos;
  return `${error.code} at line ${line}, column ${col}`;
}

/** Options that share the last word, for a misspelt name. */
function suggestion(name: string): string {
  const last = name.split('.').at(-1) ?? name;
  const near = OPTIONS.filter((option) => option.name.split('.').includes(last)).map((option) => option.name);
  return near.length > 0 ? `Did you mean ${near.join(' or ')}?` : 'docs/reference.md lists all options.';
}

/** Checks and converts one value. Throws CONFIG_INVALID; the value of a secret is not shown. */
function check(option: OptionDefinition, given: Given): unknown {
  const result = schemaOf(option).safeParse(given.value);
  if (result.success) return result.data;
  // An address may hold a password.
  const shown = option.secret || option.type === 'url' ? 'the value given' : show(given.value);
  throw new OomscopeError(
    'CONFIG_INVALID',
    `${given.where}: ${shown} is not allowed; expected ${expectation(option)}.`,
  );
}

function schemaOf(option: OptionDefinition): z.ZodType {
  switch (option.type) {
    case 'integer':
      return z
        .union([z.number(), z.string().regex(/^-?\d+$/)])
        .transform(Number)
        .pipe(z.number().int().min(option.min).max(option.max));
    case 'boolean':
      return z.union([z.boolean(), z.enum(['true', 'false'])]).transform((value) => value === true || value === 'true');
    case 'enum':
      return z.enum([...option.values] as [string, ...string[]]);
    case 'list':
      return z
        .union([z.array(z.string()), z.string().transform((text) => text.split(',').map((item) => item.trim()))])
        .transform((items) => items.filter((item) => item !== ''))
        .pipe(z.array(z.string()).min(option.default?.length === 0 ? 0 : 1));
    case 'url':
      return z.string().refine((text) => /^https?:\/\/[^\s/]+/.test(text) && URL.canParse(text));
    case 'string': {
      const text = z.coerce.string().min(1);
      return option.pattern === undefined ? text : text.regex(new RegExp(option.pattern));
    }
  }
}

const show = (value: unknown): string => JSON.stringify(value) ?? String(value);

const messageOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause));
