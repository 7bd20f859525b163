/** What can be wrong with a report's text: the closed list of issue codes, each with its meaning. */
export const ISSUES = {
  'line-rejoined': 'A hard-wrapped or continued line was put back together from its pieces.',
  'line-cut': 'A line ends before its last field.',
  'line-missing': 'A line that this kernel prints here is not in the log.',
  'line-garbled': 'A line begins like a known block, but its values cannot be read.',
  'value-repaired': 'A value was read in spite of damage (a blank inside a number, a missing colon).',
  'field-unknown': 'A counter with a name unknown to this version was kept as printed.',
  'orphan-reserve': 'A lowmem_reserve line whose zone line is lost.',
  'orphan-continuation': 'A continuation line without the line that it continues.',
  'duplicate-line': 'A line was delivered twice and counted once.',
  'foreign-line': 'A kernel line of something else stands inside the report.',
  'buddy-sum': 'The blocks of a buddy line do not add up to the printed total.',
  'rows-missing': 'The process table was cut or thinned out.',
  'section-interleaved': 'A section of another report runs through this one.',
  'limit-lines': 'Raw lines beyond the limit were shed.',
  'limit-tasks': 'Process-table rows beyond the limit were counted, not kept.',
  'encoding-invalid': 'Bytes that are not UTF-8 were replaced.',
} as const;

export type IssueCode = keyof typeof ISSUES;
