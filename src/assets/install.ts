/** Plans what a cluster lacks of the templates and of what they give to indices, and installs it. */
import type { ElasticsearchClient } from '../clients/elasticsearch.ts';
import type { Dynamic } from '../document/index.ts';
import { planIndex, readIndices } from './indices.ts';
import { isOurs, newerRefusal, readTemplate, stepOf } from './installed.ts';
import { refuse, type Step, type TemplateChange, takeSteps } from './step.ts';
import { buildTemplates, type Template } from './templates.ts';

/**
 * What is to be done so that the templates are there and the indices that exist have their fields and aliases; changes
 * nothing itself. `dynamic` is `strict` in tests, see `buildMapping`. Rejects with SINK_TEMPLATE_MISSING, one line for each
 * thing that stands in the way: a newer schema (it is never downgraded), a template of our name that somebody else made, an
 * index with fields of other types or with a block; and with SINK_UNREACHABLE and SINK_FORBIDDEN.
 */
export async function planInstallation(client: ElasticsearchClient, dynamic?: Dynamic): Promise<Step[]> {
  const steps: Step[] = [];
  const refusals: string[] = [];
  for (const template of buildTemplates(dynamic)) {
    const installed = await readTemplate(client, template);
    steps.push(stepOf(client, template, installed));
    const refusal = newerRefusal(placeOf(client, template), installed) ?? foreignRefusal(client, template, installed);
    if (refusal !== undefined) refusals.push(refusal);
  }
  for (const index of await readIndices(client)) {
    const plan = planIndex(client, index, dynamic);
    steps.push(...plan.steps);
    refusals.push(...plan.refusals);
  }
  refuse(refusals);
  return steps;
}

/**
 * Does it, and says what it did; running it again changes nothing. Rejects as `planInstallation`, then with nothing changed;
 * and with SINK_UNREACHABLE and SINK_FORBIDDEN in the middle, which another run mends.
 */
export async function installTemplates(
  client: ElasticsearchClient,
  options: { readonly dynamic?: Dynamic } = {},
): Promise<TemplateChange[]> {
  const changes: TemplateChange[] = [];
  await takeSteps(await planInstallation(client, options.dynamic), (change) => changes.push(change));
  return changes;
}

/** `the component template oom-report@settings at http://...` */
export const placeOf = ({ address }: ElasticsearchClient, { kind, name }: Template): string =>
  `the ${kind} template ${name} at ${address}`;

function foreignRefusal(client: ElasticsearchClient, template: Template, installed: unknown): string | undefined {
  if (installed === undefined || isOurs(installed)) return undefined;
  return `${placeOf(client, template)} was not made by oomscope (it has no _meta.managed_by oomscope), which needs the name; rename or delete it`;
}
