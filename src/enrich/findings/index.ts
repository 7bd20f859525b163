/** Facts beside verdict and holder, each with its evidence. */
import type { Finding } from '../../domain.ts';
import type { FindingInput, Rule } from './finding.ts';
import { bufferHeads, highmemFree, killsNothing, memMapLarge } from './lowmem.ts';
import { counterRotated, forkBomb, reservedMisprinted, smallMachine, statsTruncated, swapUnusable } from './machine.ts';
import { allocatingTask, childSacrificed, groupKill, innocentVictim, panicOnOom, scoreDisagrees } from './victim.ts';
import {
  betweenMinAndHigh,
  boostActive,
  cmaFree,
  exactEquality,
  highatomicReserved,
  offByTwo,
  otherNodes,
  perCpuFree,
  zoneHidden,
} from './watermark.ts';

/** In the order in which findings are listed. */
const RULES: readonly Rule[] = [
  exactEquality,
  betweenMinAndHigh,
  offByTwo,
  highmemFree,
  bufferHeads,
  memMapLarge,
  zoneHidden,
  cmaFree,
  boostActive,
  highatomicReserved,
  perCpuFree,
  swapUnusable,
  otherNodes,
  killsNothing,
  innocentVictim,
  childSacrificed,
  allocatingTask,
  panicOnOom,
  groupKill,
  forkBomb,
  smallMachine,
  scoreDisagrees,
  statsTruncated,
  counterRotated,
  reservedMisprinted,
];

/** Every finding that the report supports, in a fixed order. */
export const findingsOf = (input: FindingInput): Finding[] =>
  RULES.map((rule) => rule(input)).filter((found) => found !== undefined);
