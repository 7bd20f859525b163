/**
 * Regular expressions over topic names that are matched in linear time, whatever the pattern: all ways through it are
 * followed at once, so that no name can make it go back and try again.
 *
 *     /^syslog-(eu|us)-\d+$/
 *
 * Characters, `.`, `\d`, `\w`, `\.` and other escaped signs, `[a-z]`, `[^a-z]`, groups, `|`, `*`, `+`, `?`, `{2}`, `{2,}`,
 * `{2,4}`, `^` and `$`, as in JavaScript. It matches anywhere in the name unless `^` and `$` say otherwise.
 */

export interface TopicPattern {
  /** As it was given, between slashes. */
  readonly source: string;
  matches(name: string): boolean;
}

type Node =
  | { readonly kind: 'one'; readonly has: (char: string) => boolean }
  | { readonly kind: 'edge'; readonly isStart: boolean }
  | { readonly kind: 'all'; readonly parts: readonly Node[] }
  | { readonly kind: 'any'; readonly choices: readonly Node[] }
  | { readonly kind: 'repeat'; readonly node: Node; readonly least: number; readonly most: number };

type Step =
  | { readonly kind: 'one'; readonly has: (char: string) => boolean }
  | { readonly kind: 'edge'; readonly isStart: boolean }
  | { readonly kind: 'fork'; to: readonly number[] }
  | { readonly kind: 'found' };

const MOST_CHARACTERS = 500;
const MOST_STEPS = 5_000;

/** Longest name that Kafka takes, so more repetitions than this mean nothing. */
const MOST_REPEATS = 249;

/** Reads what stands between the slashes. Throws a SyntaxError that says what is wrong and where. */
export function readPattern(text: string): TopicPattern {
  const steps = stepsOf(new PatternReader(text).read());
  return { source: `/${text}/`, matches: (name) => isFound(steps, name) };
}

class PatternReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  read(): Node {
    if (this.#text === '') throw this.#wrong('it is empty');
    if (this.#text.length > MOST_CHARACTERS) throw this.#wrong(`it has more than ${MOST_CHARACTERS} characters`);
    const node = this.#choices();
    if (this.#at < this.#text.length) throw this.#wrong('a ) without its (');
    return node;
  }

  #choices(): Node {
    const choices = [this.#sequence()];
    while (this.#take('|')) choices.push(this.#sequence());
    return { kind: 'any', choices };
  }

  #sequence(): Node {
    const parts: Node[] = [];
    while (this.#at < this.#text.length && !this.#sees('|') && !this.#sees(')')) parts.push(this.#repeated());
    return { kind: 'all', parts };
  }

  #repeated(): Node {
    const node = this.#single();
    const counts = this.#counts();
    if (counts === undefined) return node;
    if (node.kind === 'edge') throw this.#wrong('nothing to repeat');
    const [least, most] = counts;
    // Greedy or not makes no difference to whether it matches.
    this.#take('?');
    return { kind: 'repeat', node, least, most };
  }

  #counts(): readonly [number, number] | undefined {
    if (this.#take('*')) return [0, Number.POSITIVE_INFINITY];
    if (this.#take('+')) return [1, Number.POSITIVE_INFINITY];
    if (this.#take('?')) return [0, 1];
    if (!this.#sees('{')) return undefined;
    const match = /^\{(\d{1,3})(,(\d{0,3}))?\}/.exec(this.#text.slice(this.#at, this.#at + 10));
    if (match === null) throw this.#wrong('expected {2}, {2,} or {2,4}');
    const least = Number(match[1]);
    const most = match[2] === undefined ? least : match[3] ? Number(match[3]) : Number.POSITIVE_INFINITY;
    const largest = most === Number.POSITIVE_INFINITY ? least : most;
    if (most < least || largest > MOST_REPEATS) throw this.#wrong(`expected counts in order and up to ${MOST_REPEATS}`);
    this.#at += match[0].length;
    return [least, most];
  }

  #single(): Node {
    const char = this.#next();
    switch (char) {
      case '(':
        return this.#group();
      case '[':
        return { kind: 'one', has: this.#set() };
      case '^':
      case '$':
        return { kind: 'edge', isStart: char === '^' };
      case '.':
        return { kind: 'one', has: () => true };
      case '\\':
        return { kind: 'one', has: this.#escaped() };
      case '*':
      case '+':
      case '?':
      case '{':
        throw this.#wrong('nothing to repeat', 1);
      default:
        return { kind: 'one', has: (other) => other === char };
    }
  }

  #group(): Node {
    if (this.#take('?') && !this.#take(':')) throw this.#wrong('of the groups that begin with ? only (?: is taken');
    const node = this.#choices();
    if (!this.#take(')')) throw this.#wrong('a ( without its )');
    return node;
  }

  /** `[a-z0-9_]`, its first bracket taken. */
  #set(): (char: string) => boolean {
    const isNegated = this.#take('^');
    const has: ((char: string) => boolean)[] = [];
    while (!this.#take(']')) {
      const first = this.#next();
      if (first === '\\') {
        has.push(this.#escaped());
      } else if (this.#sees('-') && this.#text[this.#at + 1] !== ']') {
        this.#at += 1;
        const last = this.#next();
        if (last === '\\' || last < first) throw this.#wrong('a range that does not ascend');
        has.push((char) => char >= first && char <= last);
      } else {
        has.push((char) => char === first);
      }
    }
    return (char) => has.some((test) => test(char)) !== isNegated;
  }

  #escaped(): (char: string) => boolean {
    const char = this.#next();
    if (char === 'd') return (other) => other >= '0' && other <= '9';
    if (char === 'w') return (other) => /^\w$/.test(other);
    if (/^[A-Za-z0-9]$/.test(char)) throw this.#wrong(`\\${char} is not taken, only \\d, \\w and escaped signs`, 2);
    return (other) => other === char;
  }

  #sees(char: string): boolean {
    return this.#text[this.#at] === char;
  }

  #take(char: string): boolean {
    const isThere = this.#sees(char);
    if (isThere) this.#at += 1;
    return isThere;
  }

  #next(): string {
    const char = this.#text[this.#at];
    if (char === undefined) throw this.#wrong('it ends too early');
    this.#at += 1;
    return char;
  }

  #wrong(what: string, back = 0): SyntaxError {
    return new SyntaxError(`${what}, at character ${this.#at + 1 - back} of /${this.#text}/`);
  }
}

/** The pattern as steps that follow each other; a fork goes on at several. */
function stepsOf(pattern: Node): readonly Step[] {
  const steps: Step[] = [];
  const push = (step: Step): number => {
    if (steps.length >= MOST_STEPS) throw new SyntaxError('the pattern repeats too much');
    return steps.push(step) - 1;
  };
  /** A fork between the next step and one that is known only later. */
  const forkPast = (write: () => void): void => {
    const fork = { kind: 'fork', to: [] as readonly number[] } as const satisfies Step;
    const at = push(fork);
    write();
    steps[at] = { kind: 'fork', to: [at + 1, steps.length] };
  };
  const write = (node: Node): void => {
    switch (node.kind) {
      case 'one':
      case 'edge':
        push(node);
        return;
      case 'all':
        for (const part of node.parts) write(part);
        return;
      case 'any':
        writeChoices(node.choices);
        return;
      case 'repeat':
        for (let count = 0; count < node.least; count += 1) write(node.node);
        if (node.most === Number.POSITIVE_INFINITY) {
          const begin = steps.length;
          forkPast(() => {
            write(node.node);
            push({ kind: 'fork', to: [begin] });
          });
        } else {
          for (let count = node.least; count < node.most; count += 1) forkPast(() => write(node.node));
        }
    }
  };
  const writeChoices = (choices: readonly Node[]): void => {
    const exits: number[] = [];
    for (const [index, choice] of choices.entries()) {
      if (index === choices.length - 1) write(choice);
      else
        forkPast(() => {
          write(choice);
          exits.push(push({ kind: 'fork', to: [] }));
        });
    }
    for (const exit of exits) steps[exit] = { kind: 'fork', to: [steps.length] };
  };
  write(pattern);
  push({ kind: 'found' });
  return steps;
}

/** Follows all ways at once: at most steps times characters of work. */
function isFound(steps: readonly Step[], name: string): boolean {
  let waiting: number[] = [];
  for (let at = 0; at <= name.length; at += 1) {
    const reached = new Set<number>();
    // A match may begin anywhere.
    const open = [0, ...waiting];
    for (let index = open.pop(); index !== undefined; index = open.pop()) {
      if (reached.has(index)) continue;
      reached.add(index);
      const step = steps[index];
      if (step?.kind === 'found') return true;
      if (step?.kind === 'fork') open.push(...step.to);
      if (step?.kind === 'edge' && at === (step.isStart ? 0 : name.length)) open.push(index + 1);
    }
    const char = name.charAt(at);
    waiting = [...reached].filter((index) => {
      const step = steps[index];
      return step?.kind === 'one' && at < name.length && step.has(char);
    });
    waiting = waiting.map((index) => index + 1);
  }
  return false;
}
