/** The raw lines of a report in the making, column by column: tens of thousands of reports may be open at once. */
import type { LogLine, ReportLine } from '../domain.ts';

/** All lines are of one partition. A stamp that was not there is NaN, so that the column stays one of plain numbers. */
export class RawLines {
  readonly #topic: string;
  readonly #partition: number;
  #texts: string[] = [];
  #offsets: number[] = [];
  #bootUs: number[] = [];
  #blocks: (string | undefined)[] = [];

  constructor({ position }: LogLine) {
    this.#topic = position.topic;
    this.#partition = position.partition;
  }

  get count(): number {
    return this.#texts.length;
  }

  /** Characters of all texts. */
  get characters(): number {
    return this.#texts.reduce((sum, text) => sum + text.length, 0);
  }

  push(line: LogLine, block: string | undefined): void {
    this.#texts.push(line.text);
    this.#offsets.push(line.position.offset);
    this.#bootUs.push(line.bootUs ?? Number.NaN);
    this.#blocks.push(block);
  }

  clear(): void {
    this.#texts = [];
    this.#offsets = [];
    this.#bootUs = [];
    this.#blocks = [];
  }

  toLines(): ReportLine[] {
    return this.#texts.map((text, i) => {
      const offset = this.#offsets[i] ?? 0;
      const bootUs = this.#bootUs[i] ?? Number.NaN;
      const block = this.#blocks[i];
      return {
        text,
        position: { topic: this.#topic, partition: this.#partition, offset },
        ...(Number.isNaN(bootUs) ? {} : { bootUs }),
        ...(block === undefined ? {} : { block }),
      };
    });
  }
}
