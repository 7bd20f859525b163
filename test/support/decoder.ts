/** What a worker decodes and bounds with when nothing is configured. */
import { type DecoderOptions, decodeUtf8 } from '../../src/consumer/index.ts';
import type { ParserOptions } from '../../src/parser/index.ts';

export const DECODER_OPTIONS: DecoderOptions = {
  format: 'auto',
  maxBytes: 1_048_576,
  kernelOnly: false,
  trustProgram: true,
  labels: {},
  decodeUtf8,
};

export const PARSER_OPTIONS: ParserOptions = {
  idleMs: 30_000,
  ageMs: 600_000,
  maxLines: 20_000,
  maxBytes: 134_217_728,
};
