/** What an option is, and the names and words that follow from it. */

export type Command =
  | 'explain'
  | 'worker'
  | 'setup'
  | 'demo'
  | 'query'
  | 'reanalyse'
  | 'prune'
  | 'dead-letters'
  | 'doctor'
  | 'canary'
  | 'simulate';

interface OptionBase {
  /** Dotted name: `kafka.brokers`. Flag and variable follow: --kafka-brokers, OOMSCOPE_KAFKA_BROKERS. */
  readonly name: string;
  readonly commands: readonly Command[];
  readonly meaning: string;
  /** Never shown in logs, errors or --help; may be given as `<flag>-file`, the path of a file that holds it. */
  readonly secret?: boolean;
}

export type OptionDefinition = OptionBase &
  (
    | { readonly type: 'string'; readonly default?: string; readonly pattern?: string }
    | { readonly type: 'list'; readonly default?: readonly string[] }
    | {
        readonly type: 'integer';
        readonly default: number;
        readonly min: number;
        readonly max: number;
        readonly unit: string;
      }
    | { readonly type: 'boolean'; readonly default: boolean }
    | { readonly type: 'enum'; readonly default: string; readonly values: readonly string[] }
    | { readonly type: 'url'; readonly default?: string }
  );

/** Keeps the literal names and types of a table, so that a misspelt option does not compile. */
export const defineOptions = <const Table extends readonly OptionDefinition[]>(table: Table): Table => table;

export const flagOf = (name: string): string => `--${name.replaceAll('.', '-')}`;

export const variableOf = (name: string): string => `OOMSCOPE_${name.replaceAll('.', '_').toUpperCase()}`;

/** What is allowed, in words: for messages, --help and the reference. */
export function expectation(option: OptionDefinition): string {
  switch (option.type) {
    case 'integer':
      return `a whole number from ${option.min} to ${option.max}${option.unit ? ` (${option.unit})` : ''}`;
    case 'boolean':
      return 'true or false';
    case 'enum':
      return `one of ${option.values.join(', ')}`;
    case 'list':
      return 'a list, its items separated by commas';
    case 'url':
      return 'an address that begins with http:// or https://';
    case 'string':
      return option.pattern === undefined ? 'a text' : `a text that matches ${option.pattern}`;
  }
}
