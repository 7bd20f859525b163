/**
 * The command line: `oomscope explain | worker | setup | demo`.
 *
 * Each command is loaded when it is called, so that explaining a file does not wait for client packages.
 */
import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { OomscopeError } from '../tables/errors.ts';
import { exitCodeHelp } from './exit-codes.ts';
import { addOptions, readOptions } from './options.ts';

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

const USAGE = 2;
const DEFECT = 70;

function createProgram(): Command {
  const program = new Command('oomscope')
    .description('Reads Linux OOM-killer reports and says why memory ran out.')
    .version(version)
    .exitOverride()
    .configureHelp({ helpWidth: 110 })
    .addHelpText('after', exitCodeHelp());

  program
    .command('explain')
    .description('explain the OOM reports of a log file, in one screen each')
    .argument(
      '<file...>',
      'kernel log as dmesg, journalctl, syslog or a paste left it, .gz and .zst too; - for standard input',
    )
    .option('--json', 'print one document per line, as it would be indexed, with the findings of the context')
    // One file each time, so that a file of reports may follow.
    .option(
      '--context <file>',
      'output of sysctl vm, /proc/meminfo, /proc/zoneinfo, /proc/buddyinfo, free or top of the same host; may be repeated',
      (file: string, before: string[] = []) => [...before, file],
    )
    .action(async (files: string[], options: { json?: boolean; context?: string[] }) => {
      const { runExplain } = await import('./explain.ts');
      process.exitCode = await runExplain(files, { json: options.json === true, contextFiles: options.context ?? [] });
    });

  addOptions(program.command('worker'), 'worker')
    .description('consume kernel messages from Kafka and index the reports into Elasticsearch')
    .action(async (options: Record<string, unknown>) => {
      const { runWorker } = await import('./worker.ts');
      process.exitCode = await runWorker(await readOptions('worker', options), version);
    });

  addOptions(program.command('setup'), 'setup')
    .description('install the index templates in Elasticsearch')
    .option('--dry-run', 'say what would change and change nothing')
    .option('--print', 'print the templates instead of installing them')
    .option('--lifecycle', 'install a policy that deletes months after 431 days, where the server can (ILM)')
    .option('--remove', 'remove the templates, once --yes confirms it; reports stay')
    .option('--yes', 'do not only say what --remove would remove')
    .action(async ({ dryRun, print, lifecycle, remove, yes, ...options }: Record<string, unknown>) => {
      const { runSetup } = await import('./setup.ts');
      const values = await readOptions('setup', options);
      process.exitCode = await runSetup(values, {
        dryRun: dryRun === true,
        print: print === true,
        lifecycle: lifecycle === true,
        remove: remove === true,
        yes: yes === true,
      });
    });

  addOptions(program.command('query'), 'query')
    .description(
      'ask what operators ask of a fleet: trends, victims, hosts, kernels; without a name lists the questions',
    )
    .argument('[name]', 'name of the question')
    .option('--json', 'print the answer as one JSON object')
    .action(async (name: string | undefined, { json, ...options }: Record<string, unknown>) => {
      const { runQuery } = await import('./query.ts');
      process.exitCode = await runQuery(name, await readOptions('query', options), { json: json === true });
    });

  addOptions(program.command('reanalyse'), 'reanalyse')
    .description('analyse reports of an older revision anew and rewrite them in place; may be ended and started again')
    .option('--dry-run', 'say what would change and change nothing')
    .action(async ({ dryRun, ...options }: Record<string, unknown>) => {
      const { runReanalyse } = await import('./reanalyse.ts');
      process.exitCode = await runReanalyse(await readOptions('reanalyse', options), { dryRun: dryRun === true });
    });

  addOptions(program.command('prune'), 'prune')
    .description('delete whole months of old reports, where no lifecycle policy does')
    .option('--dry-run', 'say what would be deleted and delete nothing')
    .action(async ({ dryRun, ...options }: Record<string, unknown>) => {
      const { runPrune } = await import('./prune.ts');
      process.exitCode = await runPrune(await readOptions('prune', options), { dryRun: dryRun === true });
    });

  addOptions(program.command('demo'), 'demo')
    .description('run a simulated fleet through the whole pipeline into an SQLite file; no server needed')
    .action(async (options: Record<string, unknown>) => {
      const { runDemo } = await import('./demo.ts');
      process.exitCode = await runDemo(await readOptions('demo', options));
    });

  for (const command of program.commands) command.exitOverride().configureHelp({ helpWidth: 110 });
  return program;
}

/** Exit code for what a command threw; says it on stderr. */
function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : USAGE; // commander has printed it
  if (error instanceof OomscopeError) {
    console.error(`oomscope: ${error.message}`);
    return error.exitCode;
  }
  console.error('oomscope: this is a defect of oomscope:', error);
  return DEFECT;
}

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0); // the reader (head, less) has seen enough
  throw error;
});

try {
  await createProgram().parseAsync();
} catch (error) {
  process.exitCode = report(error);
}
