/** The kafka-acls commands of a page, as entries that can be given to a broker. */
import { type AclEntry, AclOperationTypes, AclPermissionTypes, AclResourceTypes, ResourcePatternTypes } from 'kafkajs';

const OPERATIONS: Readonly<Record<string, AclOperationTypes>> = {
  Read: AclOperationTypes.READ,
  Write: AclOperationTypes.WRITE,
  Describe: AclOperationTypes.DESCRIBE,
};

/** Reads every line that begins with `kafka-acls.sh`; `principal` takes the place of the one that is named. */
export function readAclCommands(page: string, principal: string): AclEntry[] {
  return page
    .split('\n')
    .filter((line) => line.startsWith('kafka-acls.sh'))
    .map((line) => {
      const words = line.split(/\s+/);
      const after = (flag: string): string | undefined =>
        words.includes(flag) ? words[words.indexOf(flag) + 1] : undefined;
      const operation = OPERATIONS[after('--operation') ?? ''];
      const [topic, group] = [after('--topic'), after('--group')];
      if (operation === undefined || !words.includes('--add') || (topic ?? group) === undefined) {
        throw new Error(`not understood: ${line}`);
      }
      return {
        principal,
        host: '*',
        operation,
        permissionType: AclPermissionTypes.ALLOW,
        resourceType: topic === undefined ? AclResourceTypes.GROUP : AclResourceTypes.TOPIC,
        resourceName: topic ?? group ?? '',
        resourcePatternType: ResourcePatternTypes.LITERAL,
      };
    });
}
