/** Metrics that a test reads back. */
import type { Metrics } from '../../src/ports.ts';

export class MemoryMetrics implements Metrics {
  readonly #values = new Map<string, number>();

  increment(name: string, labels: Readonly<Record<string, string>> = {}, by = 1): void {
    this.set(name, (this.value(name, labels) ?? 0) + by, labels);
  }

  set(name: string, value: number, labels: Readonly<Record<string, string>> = {}): void {
    this.#values.set(keyOf(name, labels), value);
  }

  observe(): void {}

  remove(name: string, labels: Readonly<Record<string, string>>): void {
    this.#values.delete(keyOf(name, labels));
  }

  /** Undefined when it is not shown. */
  value(name: string, labels: Readonly<Record<string, string>> = {}): number | undefined {
    return this.#values.get(keyOf(name, labels));
  }
}

const keyOf = (name: string, labels: Readonly<Record<string, string>>): string => `${name} ${JSON.stringify(labels)}`;
