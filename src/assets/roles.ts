/** The roles of tables/roles.ts as Elasticsearch takes them (`PUT /_security/role/<name>`); elastic/roles holds the text. */
import { HOST_INDEX_PREFIX, INDEX_PREFIX } from '../document/index.ts';
import { ROLES, type RoleDefinition, type RoleName } from '../tables/roles.ts';
import { ALIASES, HOST_ALIAS } from './templates.ts';

export interface Role {
  readonly name: RoleName;
  /** What it is for, in words. */
  readonly meaning: string;
  readonly body: {
    readonly cluster: readonly string[];
    readonly indices: readonly { readonly names: readonly string[]; readonly privileges: readonly string[] }[];
  };
}

const INDICES = [`${INDEX_PREFIX}*`, `${HOST_INDEX_PREFIX}*`];

export const buildRoles = (): readonly Role[] =>
  (Object.entries(ROLES) as [RoleName, RoleDefinition][]).map(([name, { meaning, cluster, index, aliases }]) => ({
    name,
    meaning,
    body: {
      cluster,
      indices: [{ names: [...INDICES, ...(aliases ? [...ALIASES, HOST_ALIAS] : [])], privileges: index }],
    },
  }));

/** The file below elastic/roles that shows a role. */
export const roleFile = ({ name }: Role): string => `${name}.json`;

/** The text of that file. */
export const roleText = ({ body }: Role): string => `${JSON.stringify(body, null, 2)}\n`;
