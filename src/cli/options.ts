/** The options of tables/options.ts on a commander command. */
import { type Command, Option } from 'commander';
import type { LoadedConfig } from '../ops/index.ts';
import {
  type Command as CommandName,
  expectation,
  flagOf,
  OPTIONS,
  type OptionDefinition,
  type OptionValues,
  variableOf,
} from '../tables/options.ts';

/** Adds --config and every option of the command, each with its variable, its default and what is allowed. */
export function addOptions(command: Command, name: CommandName): Command {
  command.option('--config <file>', 'YAML or JSON file with options (also OOMSCOPE_CONFIG)');
  for (const option of OPTIONS as readonly OptionDefinition[]) {
    if (!option.commands.includes(name)) continue;
    const value = option.type === 'boolean' ? '[true|false]' : '<value>';
    command.addOption(new Option(`${flagOf(option.name)} ${value}`, describe(option)));
    if (option.secret) {
      const text = `file that holds ${option.name} (also ${variableOf(option.name)}_FILE)`;
      command.addOption(new Option(`${flagOf(option.name)}-file <path>`, text));
    }
  }
  return command;
}

function describe(option: OptionDefinition): string {
  const fallback = 'default' in option && option.default !== undefined ? `; default ${show(option.default)}` : '';
  return `${option.meaning} (${expectation(option)}${fallback}; ${variableOf(option.name)})`;
}

function show(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? 'none' : value.join(',');
  return String(value);
}

/** The values of a command's options. Rejects with CONFIG_INVALID. Unknown OOMSCOPE_ variables are named on stderr. */
export async function readOptions(name: CommandName, given: Readonly<Record<string, unknown>>): Promise<OptionValues> {
  return (await loadOptions(name, given)).values;
}

/** The same with the origin of each value. */
export async function loadOptions(name: CommandName, given: Readonly<Record<string, unknown>>): Promise<LoadedConfig> {
  const { loadConfig } = await import('../ops/index.ts');
  const flags: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(given))
    flags[key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)] = value;
  const file = flags['config'] ?? process.env['OOMSCOPE_CONFIG'];
  const loaded = loadConfig(name, {
    flags,
    environment: process.env,
    ...(typeof file === 'string' ? { file } : {}),
  });
  for (const variable of loaded.unknownVariables)
    console.error(`oomscope: ${variable} names no option and is ignored.`);
  return loaded;
}
