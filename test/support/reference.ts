/** Renders docs/reference.md from the tables. */
import { EXIT_CODES } from '../../src/cli/exit-codes.ts';
import { ERRORS } from '../../src/tables/errors.ts';
import { FINDINGS } from '../../src/tables/findings.ts';
import { ISSUES } from '../../src/tables/issues.ts';
import { LOG_EVENTS } from '../../src/tables/log-events.ts';
import { METRICS, type MetricDefinition } from '../../src/tables/metrics.ts';
import { expectation, flagOf, OPTIONS, type OptionDefinition, variableOf } from '../../src/tables/options.ts';

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map(cell).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

function shownDefault(option: OptionDefinition): string {
  if (!('default' in option) || option.default === undefined) return '';
  return `\`${Array.isArray(option.default) ? option.default.join(',') : String(option.default)}\``;
}

export function renderReference(): string {
  const options = OPTIONS as readonly OptionDefinition[];
  const metrics = Object.entries(METRICS) as [string, MetricDefinition][];
  return `${[
    '# Reference',
    'Generated from the tables that the program uses (`npm run docs`); a test keeps it in step.',
    '## Options',
    'An option is given on the command line, by its environment variable, or in a YAML or JSON file named by `--config` ' +
      '(nested, or with dotted names), in this order of precedence. A secret may also be given as `<variable>_FILE` or ' +
      '`<flag>-file`, the path of a file that holds it.',
    table(
      ['option', 'flag', 'variable', 'commands', 'default', 'allowed', 'meaning'],
      options.map((option) => [
        `\`${option.name}\``,
        `\`${flagOf(option.name)}\``,
        `\`${variableOf(option.name)}\``,
        option.commands.join(', '),
        shownDefault(option),
        `${expectation(option)}${option.secret ? '; secret' : ''}`,
        option.meaning,
      ]),
    ),
    '## Exit codes',
    table(
      ['code', 'meaning'],
      Object.entries(EXIT_CODES).map(([code, meaning]) => [code, meaning]),
    ),
    '## Errors',
    table(
      ['code', 'stage', 'retried', 'exit code', 'meaning'],
      Object.entries(ERRORS).map(([code, { stage, retryable, exitCode, meaning }]) => [
        `\`${code}\``,
        stage,
        retryable ? 'yes' : 'no',
        String(exitCode),
        meaning,
      ]),
    ),
    '## Metrics',
    'Served at `/metrics` of `http.listen`, beside the `process_*` and `nodejs_*` metrics of every Node process (resident memory, CPU, event loop lag).',
    table(
      ['metric', 'kind', 'labels', 'meaning'],
      metrics.map(([name, { kind, labels, meaning }]) => [`\`${name}\``, kind, labels.join(', '), meaning]),
    ),
    '## Log events',
    'The worker logs one JSON object per line on standard error; `event` is one of these.',
    table(
      ['event', 'level', 'meaning'],
      Object.entries(LOG_EVENTS).map(([name, { level, meaning }]) => [`\`${name}\``, level, meaning]),
    ),
    '## Findings',
    'Values of `oom.findings`.',
    table(
      ['finding', 'meaning'],
      Object.entries(FINDINGS).map(([code, meaning]) => [`\`${code}\``, meaning]),
    ),
    '## Issues',
    'What can be wrong with the text of a report (`oom.report.issues`).',
    table(
      ['issue', 'meaning'],
      Object.entries(ISSUES).map(([code, meaning]) => [`\`${code}\``, meaning]),
    ),
  ].join('\n\n')}\n`;
}
