/**
 * The least privileges on Elasticsearch, by what is done with them. A test against a server with security takes each away in
 * turn. elastic/roles and docs/security.md show what follows from this table.
 */

export interface RoleDefinition {
  /** What it is for. */
  readonly meaning: string;
  readonly cluster: readonly string[];
  /** On `oom-report-*` and `oom-host-*`, and on the aliases where `aliases` says so. */
  readonly index: readonly string[];
  readonly aliases?: boolean;
}

const define = <Name extends string>(table: Record<Name, RoleDefinition>): Readonly<Record<Name, RoleDefinition>> =>
  table;

export const ROLES = define({
  'oomscope-worker': {
    meaning:
      'oomscope worker: looks at templates and mappings, creates indices, writes documents and deletes what they replace.',
    cluster: ['monitor'],
    index: ['auto_configure', 'index', 'delete', 'view_index_metadata'],
  },
  'oomscope-setup': {
    meaning:
      'oomscope setup, and a worker with sink.setup: templates, lifecycle policy, fields and aliases of indices that exist.',
    cluster: ['manage_index_templates', 'manage_ilm'],
    index: ['manage'],
    aliases: true,
  },
  'oomscope-upkeep': {
    meaning: 'oomscope reanalyse, prune, doctor, canary and retrying dead letters.',
    cluster: ['monitor'],
    index: ['auto_configure', 'read', 'index', 'delete', 'view_index_metadata', 'monitor', 'delete_index'],
  },
  'oomscope-reader': {
    meaning: 'oomscope query, Kibana and alerts.',
    cluster: [],
    index: ['read', 'view_index_metadata'],
    aliases: true,
  },
});

export type RoleName = keyof typeof ROLES;
