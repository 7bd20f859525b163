/** Carries out the faults of a schedule on a stage. Those of the records themselves are the load's. */
import { setTimeout as sleep } from 'node:timers/promises';
import { random, seedFor } from '../../src/simulate/index.ts';
import type { HttpFault } from '../support/fault-proxy.ts';
import type { TcpProxy } from '../support/tcp-proxy.ts';
import type { Fault } from './schedule.ts';
import type { Stage } from './stage.ts';
import type { Slot } from './workers.ts';

const BUSY = [429] as const;
const GATEWAY = [502, 503, 504] as const;
const ITEMS = [429, 503] as const;

export class Troublemaker {
  readonly #stage: Stage;
  readonly #slots: readonly Slot[];
  /** Held by whoever needs the broker to be there: the producer, and its restart. */
  #broker: Promise<unknown> = Promise.resolve();
  #elasticsearch: Promise<unknown> = Promise.resolve();

  constructor(stage: Stage, slots: readonly Slot[]) {
    this.#stage = stage;
    this.#slots = slots;
  }

  /** Runs what must not meet a restart of the broker. */
  withBroker<T>(action: () => Promise<T>): Promise<T> {
    const done = this.#broker.then(action);
    this.#broker = done.catch(() => {});
    return done;
  }

  /** Resolves when the fault is over. */
  async apply(fault: Fault): Promise<void> {
    const { kind, durationMs, choice } = fault;
    const { kafka, elasticsearch, kafkaWire, elasticWire } = this.#stage;
    const slot = this.#slots[Math.floor(choice * this.#slots.length)];
    switch (kind) {
      case 'kill':
        return slot?.kill();
      case 'replace':
        return slot?.replace();
      case 'freeze-short':
      case 'freeze-long':
        return slot?.freeze(durationMs);
      case 'kafka-cut':
        return cut(kafkaWire, fault);
      case 'elastic-cut':
        return cut(elasticWire, fault);
      case 'kafka-delay':
        return delay(kafkaWire, fault);
      case 'elastic-delay':
        return delay(elasticWire, fault);
      case 'kafka-hold':
        return hold(kafkaWire, fault);
      case 'elastic-hold':
        return hold(elasticWire, fault);
      case 'kafka-restart':
        return this.withBroker(async () => {
          if (choice < 0.5) await kafka.kill();
          await kafka.restart();
        });
      case 'elastic-restart':
        this.#elasticsearch = this.#elasticsearch.then(async () => {
          if (choice < 0.5) await elasticsearch.kill();
          await elasticsearch.restart();
        });
        await this.#elasticsearch;
        return;
      case 'elastic-busy':
        return this.#answer(fault, { kind: 'refuse', status: pick(BUSY, choice) });
      case 'elastic-refuse':
        return this.#answer(fault, { kind: 'refuse', status: pick(GATEWAY, choice) });
      case 'elastic-lose':
        return this.#answer(fault, { kind: 'lose', status: pick(GATEWAY, choice) });
      case 'elastic-items': {
        const generator = random(seedFor(fault.number, kind));
        const isRefused = () => generator.chance(0.5);
        return this.#answer(fault, { kind: 'items', status: pick(ITEMS, choice), isRefused });
      }
    }
  }

  async #answer({ durationMs }: Fault, answer: HttpFault): Promise<void> {
    const { http } = this.#stage;
    http.fault = answer;
    await sleep(durationMs);
    // A later fault may have taken its place.
    if (http.fault === answer) http.fault = undefined;
  }

  /** Everything passes again. */
  heal(): void {
    const { kafkaWire, elasticWire, http } = this.#stage;
    http.fault = undefined;
    for (const wire of [kafkaWire, elasticWire]) {
      wire.delay(0);
      wire.hold(false);
    }
  }
}

const pick = (statuses: readonly number[], choice: number): number =>
  statuses[Math.floor(choice * statuses.length)] ?? 503;

/** Cuts some or all connections, at once and again a moment later, when new ones are being made. */
async function cut(wire: TcpProxy, { number, choice }: Fault): Promise<void> {
  const generator = random(seedFor(number, 'cut'));
  const share = choice < 0.5 ? undefined : () => generator.chance(0.5);
  wire.cut(share);
  await sleep(generator.int(20, 400));
  wire.cut(share);
}

async function delay(wire: TcpProxy, { durationMs, choice }: Fault): Promise<void> {
  wire.delay(Math.round(20 + choice * 600));
  await sleep(durationMs);
  wire.delay(0);
}

async function hold(wire: TcpProxy, { durationMs, choice }: Fault): Promise<void> {
  wire.hold(true);
  await sleep(durationMs);
  // What was on its way is lost, or arrives after all.
  if (choice < 0.5) wire.cut();
  wire.hold(false);
}
