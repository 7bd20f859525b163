/**
 * A fleet that speaks in real time: as many lines as are asked for at any instant, a share of them lines of OOM reports.
 *
 * A report is printed in one go, as a kernel does, between lines of the other hosts: when the share owes as many lines as
 * the next report has, the report begins and then takes every second line, or its share of them if that is more.
 */
import type { KernelName } from '../machine/kernels.ts';
import { type Message, messagesOf, renderMessage } from '../prefix.ts';
import { printRecords } from '../print/report.ts';
import { type Random, random, seedFor } from '../random.ts';
import { SCENARIOS, type ScenarioName, scenarioState } from '../scenarios/index.ts';
import { type Host, hostOf, scenarioFor } from './hosts.ts';
import { decoyLine, noiseLine } from './noise.ts';

export interface FleetLoadOptions {
  readonly hosts: number;
  readonly seed: number;
  /** Share of the lines that belong to OOM reports, 0 to 1. */
  readonly reportShare: number;
  /** When the load begins; hosts have been up for hours by then. */
  readonly startMs: number;
}

/** One line as a shipper hands it over. */
export interface LoadLine {
  /** Number of the host, from 0. */
  readonly hostIndex: number;
  /** Name of the host: the key of its records. */
  readonly host: string;
  readonly atMs: number;
  readonly text: string;
}

/** A report whose kill line was among the lines taken. */
export interface LoadKill {
  readonly host: string;
  /** Time that the kill line states. */
  readonly atMs: number;
}

/** A report on its way out. */
interface Printing {
  readonly hostIndex: number;
  readonly messages: readonly Message[];
  next: number;
  killed: boolean;
}

/** A line of a daemon, as it was dressed last. */
interface Said {
  readonly second: number;
  readonly text: string;
}

interface Style {
  readonly host: Host;
  /** Facility travels with the line, so that an impostor of the kernel can be told. */
  readonly facilityTravels: boolean;
}

/** Reports of each kernel and scenario that are printed from states of their own; later ones repeat their numbers. */
const VARIANTS = 4;

/** Attempts to find a kind of report that ends with a kill. */
const ATTEMPTS = 50;

const DECOY_SHARE = 0.004;

/** A daemon that has spoken in this second says the same again this often: dressing a line is most of what it costs. */
const REPEAT_SHARE = 0.65;

/** While reports are being printed they take at least this share of the lines. */
const BURST_SHARE = 0.5;

const FACILITY_STYLES: ReadonlySet<string> = new Set([
  'rfc5424',
  'journal-json',
  'vector-json',
  'fluent-bit-json',
  'syslog-ng-json',
]);

export class FleetLoad {
  readonly #hosts: readonly Style[];
  readonly #options: FleetLoadOptions;
  readonly #random: Random;
  /** Hosts in the order in which reports befall them. */
  readonly #turns: readonly number[];
  readonly #printed = new Map<string, readonly Message[]>();
  readonly #printing: Printing[] = [];
  readonly #busy = new Set<number>();
  readonly #said = new Map<number, Said>();
  #turn = 0;
  #owed = 0;
  #waiting: Printing | undefined;
  #lastUs = 0;

  constructor(options: FleetLoadOptions) {
    const { hosts, seed, startMs } = options;
    this.#options = options;
    this.#random = random(seedFor(seed, 'load'));
    this.#hosts = Array.from({ length: hosts }, (_, index) => {
      // The host of the seed twin has its own clock; it is left out.
      const host = hostOf(index + 1, seed, startMs, 0);
      return { host, facilityTravels: FACILITY_STYLES.has(host.style) };
    });
    this.#turns = this.#shuffled();
  }

  /** Names of the hosts, by number. */
  get hosts(): readonly string[] {
    return this.#hosts.map(({ host }) => host.name);
  }

  /**
   * The next `count` lines, all of the instant `nowMs`, in the order in which they are to be sent. Stamps never go back, also
   * when `nowMs` does. `onKill` is told of each report with its first kill line.
   */
  take(count: number, nowMs: number, onKill: (kill: LoadKill) => void = () => {}): LoadLine[] {
    const lines: LoadLine[] = [];
    const fromUs = Math.max(nowMs * 1000, this.#lastUs);
    for (let index = 0; index < count; index += 1) {
      const atUs = fromUs + Math.trunc((index * 1000) / count);
      this.#lastUs = atUs;
      this.#owed += this.#options.reportShare;
      this.#begin();
      const isReport =
        this.#printing.length > 0 && this.#random.chance(Math.max(BURST_SHARE, this.#options.reportShare));
      if (isReport) this.#reportLine(atUs, lines, onKill);
      else this.#noiseLine(atUs, lines);
    }
    return lines;
  }

  /** Reports that have begun and whose last line has not been taken. */
  get unfinished(): number {
    return this.#printing.length;
  }

  /** The rest of the reports that have begun, with nothing between. */
  finish(nowMs: number, onKill: (kill: LoadKill) => void = () => {}): LoadLine[] {
    const lines: LoadLine[] = [];
    const fromUs = Math.max(nowMs * 1000, this.#lastUs);
    for (let index = 0; this.#printing.length > 0; index += 1) {
      this.#lastUs = fromUs + index;
      this.#reportLine(this.#lastUs, lines, onKill);
    }
    return lines;
  }

  /** Begins the report that waits once its lines are owed. */
  #begin(): void {
    if (this.#options.reportShare <= 0) return;
    this.#waiting ??= this.#nextReport();
    if (this.#waiting === undefined || this.#owed < this.#waiting.messages.length) return;
    this.#owed -= this.#waiting.messages.length;
    this.#busy.add(this.#waiting.hostIndex);
    this.#printing.push(this.#waiting);
    this.#waiting = undefined;
  }

  /** What befalls the next host; undefined while it is busy printing another. */
  #nextReport(): Printing | undefined {
    const hostIndex = this.#turns[this.#turn % this.#turns.length] ?? 0;
    if (this.#busy.has(hostIndex)) return undefined;
    this.#turn += 1;
    const host = this.#hosts[hostIndex]?.host;
    return host && { hostIndex, messages: this.#messagesOf(host), next: 0, killed: false };
  }

  #messagesOf(host: Host): readonly Message[] {
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const scenario = scenarioFor(host.kernelName, this.#random);
      const messages = this.#print(host.kernelName, host, scenario, this.#random.int(1, VARIANTS));
      if (messages.length > 0) return messages;
    }
    return [];
  }

  /** The report of a scenario, once printed; empty when it does not end with a kill. */
  #print(kernel: KernelName, host: Host, scenario: ScenarioName, variant: number): readonly Message[] {
    const key = `${kernel}/${scenario}/${variant}`;
    const known = this.#printed.get(key);
    if (known !== undefined) return known;
    const state = scenarioState(SCENARIOS[scenario], { kernel: host.kernel, seed: variant });
    const occasion = { host: host.name, startMs: 0, bootUs: 0 };
    const messages = state.ending === 'kill' ? messagesOf(printRecords(state), occasion) : [];
    this.#printed.set(key, messages);
    return messages;
  }

  #reportLine(atUs: number, lines: LoadLine[], onKill: (kill: LoadKill) => void): void {
    const printing = this.#printing.shift();
    const message = printing?.messages[printing.next];
    if (printing === undefined || message === undefined) return;
    const from = lines.length;
    this.#say(printing.hostIndex, message, atUs, lines);
    if (!printing.killed && isKillLine(message.text)) {
      printing.killed = true;
      const line = lines[from];
      if (line) onKill({ host: line.host, atMs: line.atMs });
    }
    printing.next += 1;
    // Hosts that print at the same time take turns.
    if (printing.next < printing.messages.length) this.#printing.push(printing);
    else this.#busy.delete(printing.hostIndex);
  }

  #noiseLine(atUs: number, lines: LoadLine[]): void {
    const hostIndex = this.#random.int(0, this.#hosts.length - 1);
    const { host, facilityTravels = false } = this.#hosts[hostIndex] ?? {};
    const second = Math.trunc(atUs / 1e6);
    const said = this.#said.get(hostIndex);
    if (host && said?.second === second && this.#random.chance(REPEAT_SHARE)) {
      lines.push({ hostIndex, host: host.name, atMs: Math.trunc(atUs / 1000), text: said.text });
      return;
    }
    const isDecoy = this.#random.chance(DECOY_SHARE);
    const line = isDecoy ? decoyLine(this.#random, facilityTravels) : noiseLine(this.#random);
    this.#say(hostIndex, line, atUs, lines);
    const text = lines.at(-1)?.text;
    // The kernel's own lines carry a stamp that must not go back.
    if (text !== undefined && !isDecoy && line.facility !== 0) this.#said.set(hostIndex, { second, text });
  }

  #say(
    hostIndex: number,
    line: Pick<Message, 'facility' | 'severity' | 'program' | 'pid' | 'text'>,
    atUs: number,
    lines: LoadLine[],
  ): void {
    const host = this.#hosts[hostIndex]?.host;
    if (host === undefined) return;
    const { name, bootId, machineId, bootedMs, style } = host;
    const atMs = Math.trunc(atUs / 1000);
    const { facility, severity, program, pid, text } = line;
    const bootUs = atUs - bootedMs * 1000;
    const message = { host: name, atMs, bootUs, facility, severity, program, pid, text, bootId, machineId };
    for (const each of renderMessage(message, style)) lines.push({ hostIndex, host: name, atMs, text: each });
  }

  #shuffled(): number[] {
    const order = this.#hosts.map((_, index) => index);
    for (let last = order.length - 1; last > 0; last -= 1) {
      const other = this.#random.int(0, last);
      const [a = 0, b = 0] = [order[last], order[other]];
      order[last] = b;
      order[other] = a;
    }
    return order;
  }
}

const isKillLine = (text: string): boolean => text.includes('Killed process ');
