/** What an installation does, one thing at a time: all steps are planned before the first is taken. */
import { OomscopeError } from '../tables/errors.ts';
import type { TemplateKind } from './templates.ts';

/** What an installation did, or would do, to one thing. */
export interface TemplateChange {
  /** `mapping`, `aliases`, `limit` (of fields) and `lifecycle` are of an index that exists. */
  readonly kind: TemplateKind | 'mapping' | 'aliases' | 'limit' | 'policy' | 'lifecycle';
  /** Name of the template, the policy or the index. */
  readonly name: string;
  readonly change: 'created' | 'updated' | 'unchanged';
  /** In a few words, where kind and name do not say enough. */
  readonly detail?: string;
}

export interface Step extends TemplateChange {
  /** Makes the change; absent when there is nothing to do. Rejects with SINK_UNREACHABLE and SINK_FORBIDDEN. */
  readonly apply?: () => Promise<void>;
}

/** Takes the steps in their order and says after each what it was. */
export async function takeSteps(steps: readonly Step[], say: (change: TemplateChange) => void): Promise<void> {
  for (const { apply, ...change } of steps) {
    await apply?.();
    say(change);
  }
}

/** Throws what stands in the way of an installation, one line each; nothing was changed yet. */
export function refuse(refusals: readonly string[]): void {
  if (refusals.length > 0) throw new OomscopeError('SINK_TEMPLATE_MISSING', refusals.join('\n'));
}
