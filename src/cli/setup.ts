/** `oomscope setup`: the index templates, installed, shown or taken away. */
import {
  buildLifecycleTemplate,
  buildRoles,
  buildTemplates,
  findTemplates,
  installLifecycle,
  installTemplates,
  POLICY_FILE,
  policyText,
  removeTemplate,
  roleFile,
  roleText,
  type TemplateChange,
  templateFile,
  templateText,
} from '../assets/index.ts';
import { createElasticsearchClient, type ElasticsearchClient } from '../clients/index.ts';
import type { OptionValues } from '../tables/options.ts';
import { KIBANA_REMOVAL, setupKibana } from './setup-kibana.ts';

/** The client that the options describe. Throws CONFIG_INVALID. */
export const elasticsearchClientOf = (options: OptionValues): ElasticsearchClient =>
  createElasticsearchClient({
    url: options['elasticsearch.url'],
    username: options['elasticsearch.username'],
    password: options['elasticsearch.password'],
    apiKey: options['elasticsearch.api.key'],
    caFile: options['elasticsearch.ca'],
    fingerprint: options['elasticsearch.fingerprint'],
    timeoutMs: options['elasticsearch.timeout'],
  });

export interface SetupFlags {
  readonly dryRun: boolean;
  readonly print: boolean;
  /** Delete old months by index lifecycle management. */
  readonly lifecycle: boolean;
  /** Take the templates away, once `yes` confirms it. */
  readonly remove: boolean;
  readonly yes: boolean;
}

/**
 * Installs the templates, and with the option kibana what Kibana shows, and says what changed. Rejects with
 * SINK_UNREACHABLE, SINK_FORBIDDEN, KIBANA_UNREACHABLE, KIBANA_REFUSED, or SINK_TEMPLATE_MISSING when the cluster holds a
 * newer schema.
 */
export async function runSetup(options: OptionValues, flags: SetupFlags): Promise<number> {
  if (flags.print) {
    printTemplates(flags.lifecycle);
    return 0;
  }
  const client = elasticsearchClientOf(options);
  try {
    if (flags.remove) await remove(client, flags.yes && !flags.dryRun);
    else await install(client, flags);
    if (!flags.remove) await setupKibana(options, flags);
    else if (options['kibana'] !== undefined) console.log(KIBANA_REMOVAL);
    return 0;
  } finally {
    await client.close();
  }
}

function printTemplates(lifecycle: boolean): void {
  for (const template of [...buildTemplates(), ...(lifecycle ? [buildLifecycleTemplate()] : [])]) {
    console.log(`# ${templateFile(template)}`);
    console.log(templateText(template));
  }
  if (lifecycle) console.log(`# ${POLICY_FILE}\n${policyText()}`);
  for (const role of buildRoles()) console.log(`# role ${roleFile(role)}: ${role.meaning}\n${roleText(role)}`);
}

async function install(client: ElasticsearchClient, { dryRun, lifecycle }: SetupFlags): Promise<void> {
  const changes = await installTemplates(client, { dryRun });
  const policy = lifecycle ? await installLifecycle(client, { dryRun }) : [];
  for (const { kind, name, change } of [...changes, ...(policy ?? [])]) {
    const word = dryRun && change !== 'unchanged' ? `would be ${change}` : change;
    console.log(`${TITLES[kind]} ${name}: ${word}`);
  }
  if (policy === undefined) {
    console.log('The server has no index lifecycle management: let `oomscope prune --older-than 400d` run every day.');
  }
  console.log(dryRun ? `Nothing was changed at ${client.address}.` : `${client.address} is ready for oomscope.`);
}

const TITLES: Readonly<Record<TemplateChange['kind'], string>> = {
  component: 'component template',
  index: 'index template',
  mapping: 'mapping of',
  policy: 'lifecycle policy',
};

/** Reports stay, and so does the policy: months under it still need it. */
async function remove(client: ElasticsearchClient, confirmed: boolean): Promise<void> {
  const templates = await findTemplates(client);
  for (const template of templates) {
    if (confirmed) await removeTemplate(client, template);
    console.log(`${TITLES[template.kind]} ${template.name}: ${confirmed ? 'removed' : 'would be removed'}`);
  }
  if (templates.length === 0) console.log(`No template of oomscope is at ${client.address}.`);
  else if (!confirmed) console.log('Nothing was removed. Repeat with --yes to remove them; reports stay.');
}
