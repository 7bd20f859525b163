/** Facilities and severities as shippers write them: by number or by name. Source: RFC 5424, section 6.2.1. */
import { facilityOf as facilityNamed } from '../../kernel/prefix.ts';

export const KERN = 0;

/** By the first four letters: emerg and emergency, err and error, warn and warning, info and informational. */
const SEVERITIES: ReadonlyMap<string, number> = new Map([
  ['emer', 0],
  ['pani', 0],
  ['aler', 1],
  ['crit', 2],
  ['err', 3],
  ['erro', 3],
  ['warn', 4],
  ['noti', 5],
  ['info', 6],
  ['debu', 7],
]);

/** 0 to 23 from 0, "0", "kern" or "kernel"; undefined for anything else. */
export function facilityOf(value: unknown): number | undefined {
  const number = smallInteger(value, 23);
  if (number !== undefined || typeof value !== 'string') return number;
  const name = value.toLowerCase();
  return name === 'kernel' ? KERN : facilityNamed(name);
}

/** 0 to 7 from 4, "4", "warning" or "Warning"; undefined for anything else. */
export function severityOf(value: unknown): number | undefined {
  const number = smallInteger(value, 7);
  if (number !== undefined || typeof value !== 'string') return number;
  return SEVERITIES.get(value.toLowerCase().slice(0, 4));
}

/** 0 to 191 from 4 or "4"; undefined for anything else. */
export const priOf = (value: unknown): number | undefined => smallInteger(value, 191);

function smallInteger(value: unknown, max: number): number | undefined {
  const number = typeof value === 'string' && /^\d{1,3}$/.test(value) ? Number(value) : value;
  return typeof number === 'number' && Number.isInteger(number) && number >= 0 && number <= max ? number : undefined;
}
