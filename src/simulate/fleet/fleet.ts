/** A whole fleet's log, in order of time, with the truth about what happened in it. */
import type { Holder, SwapState, Verdict } from '../../domain.ts';
import { type Message, messagesOf, renderMessage, type Style } from '../prefix.ts';
import { printBoot } from '../print/boot.ts';
import { printRecords } from '../print/report.ts';
import { type Random, random } from '../random.ts';
import { SCENARIOS, type ScenarioName, scenarioState } from '../scenarios/index.ts';
import { SEED_TWIN_BOOT_US } from '../seed-twin.ts';
import type { ReportState } from '../state.ts';
import { type Boot, type BootTruth, bootOf } from './boots.ts';
import { type Host, hostOf, type Incident } from './hosts.ts';
import { decoyLine, noiseLine } from './noise.ts';
import { withStorms } from './storms.ts';
import { Timeline } from './timeline.ts';

/** One line or record value as the host's shipper would produce it. */
export interface FleetLine {
  readonly host: string;
  readonly atMs: number;
  readonly bootUs: number;
  readonly facility: number;
  readonly severity: number;
  readonly style: Style;
  /** The record value, or the line. */
  readonly text: string;
}

/** What really happened, for a test or a demonstration to compare with. */
export interface FleetTruth {
  readonly host: string;
  readonly scenario: ScenarioName;
  readonly kernel: string;
  readonly style: Style;
  /** What the victim held of RAM and swap, or of its cgroup's limit, 0 to 1; also where its kernel prints neither. */
  readonly victimShare?: number;
  /** Absent when nothing was killed. */
  readonly victimPid?: number;
  readonly victimComm?: string;
  /** Time of the first kill line, or of the trigger line when nothing was killed. */
  readonly atMs: number;
  /** The kernel's stamp of that line. */
  readonly bootUs: number;
  readonly action: 'oom-kill' | 'oom-no-victim' | 'oom-panic' | 'page-allocation-failure';
  readonly verdict: Verdict;
  readonly holder: Holder;
  readonly swapState: SwapState;
  /** Of the request that failed. */
  readonly order: number;
  /** Path of the cgroup that reached its limit. */
  readonly cgroup?: string;
  /** False when the kernel itself printed no header. */
  readonly complete: boolean;
}

export interface FleetOptions {
  readonly hosts: number;
  readonly seed: number;
  readonly startMs: number;
  /** Length of the simulated time; 10 minutes unless given. */
  readonly spanMs?: number;
  /** Noise lines of each host in that time; 20 unless given. */
  readonly noisePerHost?: number;
  /** Share of the hosts that are booted in that time; none unless given. */
  readonly boots?: number;
  /** Storms of each kind in that time: of a host, of one cause over the fleet, of a cgroup; none unless given. */
  readonly storms?: number;
}

export interface Fleet extends Iterable<FleetLine> {
  readonly truth: readonly FleetTruth[];
  readonly boots: readonly BootTruth[];
}

const DEFAULT_SPAN_MS = 600_000;
const DEFAULT_NOISE = 20;

const ACTIONS: Readonly<Record<ReportState['ending'], FleetTruth['action']>> = {
  kill: 'oom-kill',
  'kill-without-header': 'oom-kill',
  // The kernel panics when nothing may be killed.
  'no-victim': 'oom-panic',
  'panic-on-oom': 'oom-panic',
  'allocation-failure': 'page-allocation-failure',
};

function messagesOfIncident(host: Host, incident: Incident): { state: ReportState; messages: Message[] } {
  const state = scenarioState(SCENARIOS[incident.scenario], { kernel: host.kernel, seed: incident.seed });
  const bootUs = incident.scenario === 'seed-twin' ? SEED_TWIN_BOOT_US : (incident.atMs - host.bootedMs) * 1000;
  const occasion = {
    host: host.name,
    startMs: incident.atMs,
    bootUs,
    bootId: host.bootId,
    machineId: host.machineId,
  };
  const messages = messagesOf(printRecords(state), occasion);
  return { state, messages: incident.scenario === 'seed-twin' ? messages : withForeignLine(messages, incident.seed) };
}

/** Another processor's message between two records of the report, in every third report. */
function withForeignLine(messages: readonly Message[], seed: number): Message[] {
  const generator = random(seed);
  const place = generator.int(1, Math.max(1, messages.length - 1));
  const before = messages[place - 1];
  if (!before || messages.length < 10 || !generator.chance(0.33)) return [...messages];
  const stranger = { ...before, severity: 6, text: 'eth0: link is up at 1000 Mbps, full duplex, flow control RX' };
  return [...messages.slice(0, place), stranger, ...messages.slice(place)];
}

/** Dress that says which facility spoke. */
const CARRIES_FACILITY: ReadonlySet<Style> = new Set<Style>([
  'rfc5424',
  'journal-json',
  'vector-json',
  'fluent-bit-json',
  'syslog-ng-json',
]);

const PANICS: ReadonlySet<ReportState['ending']> = new Set(['panic-on-oom', 'no-victim']);

function truthOf(host: Host, incident: Incident): FleetTruth {
  const { state, messages } = messagesOfIncident(host, incident);
  const scenario = SCENARIOS[incident.scenario];
  const victim = state.kills[0];
  const kill = messages.find((message) => victim !== undefined && isKillLine(message.text));
  const anchor = kill ?? messages[0];
  return {
    host: host.name,
    scenario: incident.scenario,
    kernel: host.kernel.release,
    style: host.style,
    ...(victim ? { victimPid: victim.pid, victimComm: victim.comm, ...shareOf(state, victim.pid) } : {}),
    atMs: anchor?.atMs ?? incident.atMs,
    bootUs: anchor?.bootUs ?? 0,
    action: ACTIONS[state.ending],
    verdict: scenario.verdict,
    holder: scenario.holder,
    swapState: scenario.swapState,
    order: state.trigger.order,
    ...(state.memcg === undefined ? {} : { cgroup: state.memcg.path }),
    complete: state.ending !== 'kill-without-header',
  };
}

function shareOf({ tasks, totals, memcg, kernel }: ReportState, pid: number): { victimShare?: number } {
  const row = tasks.find((task) => task.pid === pid);
  const machineKb = (totals.ramPages ?? 0) * kernel.pageSizeKb + (totals.totalSwapKb ?? 0);
  const totalKb = typeof memcg?.limitKb === 'number' ? memcg.limitKb : machineKb;
  if (row?.rssPages === undefined || totalKb === 0) return {};
  const heldKb = (row.rssPages + (row.swapentsPages ?? 0)) * kernel.pageSizeKb;
  return { victimShare: heldKb / totalKb };
}

const isKillLine = (text: string): boolean => text.includes('Killed process ');

/** What happens to a host, up to the first panic. */
function truthsOf(host: Host): FleetTruth[] {
  const truths: FleetTruth[] = [];
  for (const incident of host.incidents) {
    const truth = truthOf(host, incident);
    truths.push(truth);
    if (truth.action === 'oom-panic') break;
  }
  return truths;
}

/** A host with the boot that it goes through in the span; what happens to it later counts from there. */
interface Speaker {
  readonly host: Host;
  readonly boot: Boot | undefined;
  /** When it was booted before that. */
  readonly earlierBootMs: number;
}

/** The boot's lines: the clock of the kernel stands until it has found its timers. */
const messagesOfBoot = ({ machine, truth }: Boot, host: Host): Message[] =>
  messagesOf(printBoot(machine), {
    host: host.name,
    startMs: truth.atMs,
    bootUs: 0,
    bootId: host.bootId,
    machineId: host.machineId,
  });

/** Everything one host says, in order of time. After a panic it says nothing more. */
function* hostMessages(
  { host, boot, earlierBootMs }: Speaker,
  startMs: number,
  spanMs: number,
  noise: number,
): Generator<Message> {
  const generator: Random = random(host.seed);
  const facilityTravels = CARRIES_FACILITY.has(host.style);
  let dead = false;
  function* suffer(incident: Incident): Generator<Message> {
    const { state, messages } = messagesOfIncident(host, incident);
    yield* messages;
    dead = PANICS.has(state.ending);
  }
  const incidents = [...host.incidents];
  let isBooted = boot === undefined;
  const stepMs = spanMs / Math.max(1, noise);
  const offsetMs = stepMs * generator.next();
  for (let index = 0; index < noise; index += 1) {
    const atMs = Math.trunc(startMs + offsetMs + index * stepMs);
    if (boot && !isBooted && boot.truth.atMs <= atMs) {
      isBooted = true;
      yield* messagesOfBoot(boot, host);
    }
    while (incidents[0] && incidents[0].atMs <= atMs) {
      const incident = incidents.shift();
      if (incident && !dead) yield* suffer(incident);
    }
    if (dead) return;
    const bootUs = (atMs - (isBooted ? host.bootedMs : earlierBootMs)) * 1000;
    const line = generator.chance(0.004) ? decoyLine(generator, facilityTravels) : noiseLine(generator);
    yield { ...line, host: host.name, atMs, bootUs, bootId: host.bootId, machineId: host.machineId, sequence: index };
  }
  if (boot && !isBooted) yield* messagesOfBoot(boot, host);
  for (const incident of incidents) if (!dead) yield* suffer(incident);
}

/** All hosts by number; the first one suffers the seed twin's report. */
export function simulateFleet(options: FleetOptions): Fleet {
  const { hosts, seed, startMs } = options;
  const spanMs = options.spanMs ?? DEFAULT_SPAN_MS;
  const noise = options.noisePerHost ?? DEFAULT_NOISE;
  const calm = Array.from({ length: hosts }, (_, index) => hostOf(index, seed, startMs, spanMs));
  const all = withStorms(calm, { seed, startMs, spanMs, storms: options.storms ?? 0 });
  const span = { startMs, endMs: startMs + spanMs };
  const speakers = all.map((host): Speaker => {
    const boot = bootOf(host, seed, span, options.boots ?? 0);
    const earlierBootMs = host.bootedMs;
    return { host: boot ? { ...host, bootedMs: boot.truth.atMs } : host, boot, earlierBootMs };
  });
  const truth = speakers.flatMap(({ host }) => truthsOf(host));
  return {
    truth: truth.sort((a, b) => a.atMs - b.atMs),
    boots: speakers.flatMap(({ boot }) => (boot ? [boot.truth] : [])),
    *[Symbol.iterator]() {
      const timeline = new Timeline<{ host: Host; messages: Iterator<Message> }>();
      const advance = (entry: { host: Host; messages: Iterator<Message> }): void => {
        const { value, done } = entry.messages.next();
        if (!done) timeline.push(value.atMs, entry, value);
      };
      for (const speaker of speakers) {
        advance({ host: speaker.host, messages: hostMessages(speaker, startMs, spanMs, noise) });
      }
      for (let next = timeline.pop(); next; next = timeline.pop()) {
        const { entry, message } = next;
        for (const text of renderMessage(message, entry.host.style)) {
          const { host, atMs, bootUs, facility, severity } = message;
          yield { host, atMs, bootUs, facility, severity, style: entry.host.style, text };
        }
        advance(entry);
      }
    },
  };
}
