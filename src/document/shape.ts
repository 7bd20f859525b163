/** The shape of a noun as data, held to its type by the compiler, and the check of a value that came from outside. */

type Scalar = 'number' | 'count' | 'limit' | 'text' | 'flag' | 'scalar' | 'version' | 'numbers' | 'texts' | 'counts';

/** A text of a closed list. */
interface OneOf {
  readonly oneOf: readonly string[];
}

/** Any shape; of a noun every member is named. A `?` and `maybe` stand for members that need not be there. */
export type Shape =
  | Scalar
  | `${Scalar}?`
  | OneOf
  | { readonly noun: Members }
  | { readonly list: Members }
  | { readonly maybe: OneOf | { readonly noun: Members } | { readonly list: Members } };

type Members = Readonly<Record<string, Shape>>;

type ScalarOf<V> = [V] extends [number]
  ? 'number' | 'count'
  : [V] extends [boolean]
    ? 'flag'
    : [V] extends [string]
      ? 'text'
      : [V] extends [number | null]
        ? 'limit'
        : [V] extends [string | number | boolean]
          ? 'scalar'
          : [V] extends [readonly [number, number, number]]
            ? 'version'
            : [V] extends [readonly number[]]
              ? 'numbers'
              : [V] extends [readonly string[]]
                ? 'texts'
                : string extends keyof V
                  ? 'counts'
                  : never;

type PartOf<V> = [V] extends [string]
  ? { readonly oneOf: readonly V[] }
  : [V] extends [readonly (infer Item extends object)[]]
    ? { readonly list: NounShape<Item> }
    : [V] extends [string | number | boolean | null | readonly unknown[]]
      ? never
      : { readonly noun: NounShape<V> };

type MemberShape<V> = undefined extends V
  ? `${ScalarOf<Exclude<V, undefined>>}?` | { readonly maybe: PartOf<Exclude<V, undefined>> }
  : ScalarOf<V> | PartOf<V>;

/** The shape of a noun: a member that its type lacks or that is missing here does not compile. */
export type NounShape<T> = { readonly [K in keyof T]-?: MemberShape<T[K]> };

/** What a value has in place of its shape. `path` leads to the place, `.zones[1].name`; empty for the value itself. */
export interface Fault {
  readonly path: string;
  readonly found: string;
  readonly expected: string;
}

/** Counts make versions, which have to stay whole numbers. */
const MOST_COUNTED = 2 ** 40;

const isNumber = (value: unknown): boolean => Number.isFinite(value);
const isText = (value: unknown): boolean => typeof value === 'string';
const isListOf = (value: unknown, is: (item: unknown) => boolean): boolean => Array.isArray(value) && value.every(is);

/** True for an object that is no list. */
export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const SCALARS: Readonly<Record<Scalar, { readonly expected: string; readonly is: (value: unknown) => boolean }>> = {
  number: { expected: 'a number', is: isNumber },
  count: {
    expected: 'a whole number',
    is: (value) => Number.isInteger(value) && Number(value) >= 0 && Number(value) <= MOST_COUNTED,
  },
  limit: { expected: 'a number or null', is: (value) => value === null || isNumber(value) },
  text: { expected: 'a text', is: isText },
  flag: { expected: 'true or false', is: (value) => typeof value === 'boolean' },
  scalar: {
    expected: 'a text, a number, true or false',
    is: (value) => isText(value) || isNumber(value) || typeof value === 'boolean',
  },
  version: { expected: 'three numbers', is: (value) => isListOf(value, isNumber) && Object(value).length === 3 },
  numbers: { expected: 'a list of numbers', is: (value) => isListOf(value, isNumber) },
  texts: { expected: 'a list of texts', is: (value) => isListOf(value, isText) },
  counts: { expected: 'numbers by name', is: (value) => isObject(value) && Object.values(value).every(isNumber) },
};

/** What is wrong with a value of that shape, the first fault in the order of the table; undefined when nothing is. */
export function findFault(value: unknown, shape: Shape): Fault | undefined {
  if (typeof shape === 'string') {
    const name = shape.replace('?', '') as Scalar;
    if (value === undefined && name !== shape) return undefined;
    const { expected, is } = SCALARS[name];
    return is(value) ? undefined : faultOf(value, expected);
  }
  if ('maybe' in shape) return value === undefined ? undefined : findFault(value, shape.maybe);
  if ('oneOf' in shape) {
    return shape.oneOf.some((one) => one === value) ? undefined : faultOf(value, `one of ${shape.oneOf.join(', ')}`);
  }
  if ('noun' in shape) return findMemberFault(value, shape.noun);
  if (!Array.isArray(value)) return faultOf(value, 'a list');
  for (const [index, item] of value.entries()) {
    const fault = findMemberFault(item, shape.list);
    if (fault) return { ...fault, path: `[${index}]${fault.path}` };
  }
  return undefined;
}

function findMemberFault(value: unknown, members: Members): Fault | undefined {
  if (!isObject(value)) return faultOf(value, 'an object');
  for (const [name, shape] of Object.entries(members)) {
    const fault = findFault(value[name], shape);
    if (fault) return { ...fault, path: `.${name}${fault.path}` };
  }
  return undefined;
}

const faultOf = (value: unknown, expected: string): Fault => ({ path: '', found: wordOf(value), expected });

/** What a value is, in words; a text in full when it is short. */
function wordOf(value: unknown): string {
  if (value === undefined) return 'is missing';
  if (value === null) return 'is null';
  if (Array.isArray(value)) return 'is a list';
  if (typeof value === 'object') return 'is an object';
  const text = JSON.stringify(value);
  return text.length <= 40 ? `is ${text}` : `is a ${typeof value} of ${text.length} characters`;
}
