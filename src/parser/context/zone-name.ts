/** Names of zones as /proc prints them. */
import { ZONE_NAMES } from '../../kernel/fields.ts';

export const isZoneName = (name: string): boolean => (ZONE_NAMES as readonly string[]).includes(name);
