/**
 * The command line: `oomscope explain | worker | setup | demo`.
 *
 * Each command is loaded when it is called, so that explaining a file does not wait for client packages.
 */
import { readFileSync } from 'node:fs';
import { Command, CommanderError, Option } from 'commander';
import { OomscopeError } from '../tables/errors.ts';
import { exitCodeHelp } from './exit-codes.ts';
import { addOptions, loadOptions, readOptions } from './options.ts';

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
    .option('--check-config', 'read and check all options and the files they name, print them, and connect to nothing')
    .action(async ({ checkConfig, ...options }: Record<string, unknown>) => {
      if (checkConfig === true) {
        const { runCheckConfig } = await import('./check-config.ts');
        process.exitCode = await runCheckConfig(await loadOptions('worker', options));
        return;
      }
      const { runWorker } = await import('./worker.ts');
      process.exitCode = await runWorker(await readOptions('worker', options), version);
    });

  addOptions(program.command('setup'), 'setup')
    .description('install the index templates in Elasticsearch')
    .option('--dry-run', 'say what would change and change nothing')
    .option('--print', 'print the templates and the roles instead of installing the templates')
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

  addOptions(program.command('doctor'), 'doctor')
    .description('find out why nothing arrives: brokers, topics, records, Elasticsearch; changes nothing')
    .option('--json', 'print the verdicts as one JSON object')
    .action(async ({ json, ...options }: Record<string, unknown>) => {
      const { runDoctor } = await import('./doctor.ts');
      process.exitCode = await runDoctor(await readOptions('doctor', options), { json: json === true });
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

  const letters = program
    .command('dead-letters')
    .description(
      'what Elasticsearch refused for good, and records that could not be decoded: list, show, retry, dismiss',
    );

  addOptions(letters.command('list'), 'dead-letters')
    .description('a line per letter, the fullest reading of each id, newest first')
    .option('--json', 'print one JSON object per line')
    .addOption(new Option('--reason <reason>', 'only these').choices(['rejected', 'undecodable', 'unreadable']))
    .action(async ({ json, reason, ...options }: Record<string, unknown>) => {
      const { listLetters } = await import('./dead-letters.ts');
      const flags = { json: json === true, reason: typeof reason === 'string' ? reason : undefined };
      process.exitCode = await listLetters(await readOptions('dead-letters', options), flags);
    });

  addOptions(letters.command('show'), 'dead-letters')
    .description('all that a letter holds: error, source positions, document or bytes')
    .argument('<id>', 'id of the letter')
    .option('--json', 'print it as one JSON object, bytes in base64')
    .action(async (id: string, { json, ...options }: Record<string, unknown>) => {
      const { showLetter } = await import('./dead-letters.ts');
      process.exitCode = await showLetter(id, await readOptions('dead-letters', options), { json: json === true });
    });

  addOptions(letters.command('retry'), 'dead-letters')
    .description('write documents again once the reason is mended; what is stored is no longer listed')
    .argument('[id...]', 'ids of the letters')
    .option('--all', 'every letter')
    .action(async (ids: string[], { all, ...options }: Record<string, unknown>) => {
      const { retryLetters } = await import('./dead-letters.ts');
      process.exitCode = await retryLetters(ids, await readOptions('dead-letters', options), { all: all === true });
    });

  addOptions(letters.command('dismiss'), 'dead-letters')
    .description('take letters off the list without writing anything')
    .argument('<id...>', 'ids of the letters')
    .action(async (ids: string[], options: Record<string, unknown>) => {
      const { dismissLetters } = await import('./dead-letters.ts');
      process.exitCode = await dismissLetters(ids, await readOptions('dead-letters', options));
    });

  addOptions(program.command('demo'), 'demo')
    .description('run a simulated fleet through the whole pipeline into an SQLite file; no server needed')
    .action(async (options: Record<string, unknown>) => {
      const { runDemo } = await import('./demo.ts');
      process.exitCode = await runDemo(await readOptions('demo', options));
    });

  addOptions(program.command('canary'), 'canary')
    .description('send one simulated report through Kafka and wait until it is found in Elasticsearch; for monitors')
    .option('--keep', 'leave the document in the index')
    .action(async ({ keep, ...options }: Record<string, unknown>) => {
      const { runCanary } = await import('./canary.ts');
      process.exitCode = await runCanary(await readOptions('canary', options), { keep: keep === true });
    });

  addOptions(program.command('simulate'), 'simulate')
    .description('feed a topic with the lines of a simulated fleet, in real time')
    .action(async (options: Record<string, unknown>) => {
      const { runSimulate } = await import('./simulate.ts');
      process.exitCode = await runSimulate(await readOptions('simulate', options));
    });

  for (const command of program.commands) command.exitOverride().configureHelp({ helpWidth: 110 });
  return program;
}

/** Exit code for what a command threw; says it on stderr. */
async function report(error: unknown): Promise<number> {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : USAGE; // commander has printed it
  if (error instanceof OomscopeError) {
    // A server may quote in its answer what came from a log.
    const { escapeLines } = await import('../view/index.ts');
    console.error(`oomscope: ${escapeLines(error.message)}`);
    return error.exitCode;
  }
  console.error('oomscope: this is a defect of oomscope:', error);
  return DEFECT;
}

// The Kafka client sets timers in the past, which run at once, as they are meant to; Node would say so to the operator.
process.removeAllListeners('warning');
process.on('warning', ({ name, message }) => {
  if (name !== 'TimeoutNegativeWarning') console.error(`oomscope: ${name}: ${message}`);
});

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0); // the reader (head, less) has seen enough
  throw error;
});

try {
  await createProgram().parseAsync();
} catch (error) {
  process.exitCode = await report(error);
}
