/**
 * The library: text to reports, reports to answers, answers to documents. Pure: no I/O, no clock, nothing of Node.
 *
 *     import { analyse, parseText } from 'oomscope';
 *     for (const report of parseText(log)) console.log(analyse(report).sentence);
 */
export { indexOf, toDocument, toWrite } from './document/index.ts';
export type { Analysis, LogLine, OomReport, Position } from './domain.ts';
export { analyse } from './enrich/index.ts';
export { createParser, parseText } from './parser/index.ts';
export type { Analyse, DocumentWrite, Parser, ParserStats } from './ports.ts';
export { explainScreen, PLAIN, type Style } from './view/index.ts';
