/** What a reader of one report block is: the contract between the sections and the assembler. */
import type { IssueCode } from '../tables/issues.ts';
import type { Draft } from './draft.ts';

/** How a draft took a line: as news, as a line that it already had, or not at all. */
export type Outcome = 'taken' | 'duplicate' | 'refused';

/** A line as one section reads it. Making it changes nothing; `store` writes it into a draft. */
export interface Reading {
  /** Fields read, less two for each piece that could not be read. Decides how pieces of a line belong together. */
  readonly quality: number;
  /** The line ends before its last field. */
  readonly cut?: boolean;
  /** True for the line of a block that can open a report: the head of a table or of a dump. */
  readonly opens?: true;
  /** People write such lines too: it counts only where the line states a time. */
  readonly needsTime?: true;
  readonly issues?: readonly { readonly code: IssueCode; readonly detail?: string }[];
  /** `line` is the index that the line gets in the report. Refusing changes nothing. */
  store(draft: Draft, line: number): Outcome;
}

export interface Section {
  /** Name of the block, as it stands in ReportLine.block and in the grammar reference. */
  readonly name: string;
  /** One of PHASES. */
  readonly phase: number;
  /** First and last releases that print it, as the reference states them. */
  readonly since: string;
  readonly until: string;
  /** Source file in the kernel tree. */
  readonly source: string;
  readonly examples: readonly string[];
  /** The line holds no blanks, so none stood where it was wrapped. */
  readonly unspaced?: true;
  /**
   * Reads one line of kernel text, or returns undefined when it is none of this block. `draft` is the report that would
   * take it, for blocks whose lines mean nothing alone.
   */
  read(text: string, draft: Draft | undefined): Reading | undefined;
}

/** A line as it was recognised. */
export interface Recognised {
  readonly section: Section;
  readonly reading: Reading;
}
