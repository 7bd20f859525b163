import { describe, expect, it } from 'vitest';
import { OUTCOMES, outcomeOf } from '../../../src/sink/outcome.ts';

describe('the table', () => {
  it.each(OUTCOMES.map((row) => [row.of, row.type ?? '', row.status?.join('-') ?? 'any', row.outcome, row] as const))(
    '%s %s %s is %s',
    (of, _type, _status, outcome, row) => {
      // A row without a type is reached by the first status that no narrower row above it takes.
      const above = OUTCOMES.slice(0, OUTCOMES.indexOf(row)).filter((other) => other.of === of && !other.type);
      const [first, last] = row.status ?? [400, 400];
      let status = first;
      while (above.some((other) => other.status && other.status[0] <= status && status <= other.status[1])) status += 1;
      expect(status, 'the row can be reached').toBeLessThanOrEqual(last);
      expect(outcomeOf(of, status, row.type ?? (of === 'request' ? 'some_exception' : '')).outcome).toBe(outcome);
    },
  );
});

describe('answers that servers gave', () => {
  it.each([
    ['index', 201, '', 'stored'],
    ['index', 409, 'version_conflict_engine_exception', 'duplicate'],
    ['index', 429, 'cluster_block_exception', 'retry'],
    ['index', 403, 'cluster_block_exception', 'retry'],
    ['index', 429, 'es_rejected_execution_exception', 'retry'],
    ['index', 400, 'index_closed_exception', 'retry'],
    ['index', 404, 'index_not_found_exception', 'retry'],
    ['index', 400, 'validation_exception', 'retry'],
    ['index', 403, 'security_exception', 'stop'],
    ['index', 400, 'document_parsing_exception', 'dead-letter'],
    ['index', 400, 'mapper_parsing_exception', 'dead-letter'],
    ['index', 400, 'strict_dynamic_mapping_exception', 'dead-letter'],
    ['index', 400, 'illegal_argument_exception', 'dead-letter'],
    ['index', 413, '', 'dead-letter'],
    ['index', 0, '', 'retry'],
    ['delete', 404, '', 'stored'],
    ['delete', 404, 'index_not_found_exception', 'stored'],
    ['delete', 409, 'version_conflict_engine_exception', 'stored'],
    ['delete', 400, 'index_closed_exception', 'retry'],
    ['request', 413, '', 'split'],
    ['request', 400, 'illegal_argument_exception', 'split'],
    ['request', 400, 'action_request_validation_exception', 'split'],
    ['request', 400, 'media_type_header_exception', 'retry'],
    ['request', 400, '', 'retry'],
    ['request', 401, 'security_exception', 'stop'],
    ['request', 404, '', 'retry'],
    ['request', 302, '', 'retry'],
    ['request', 503, '', 'retry'],
  ] as const)('%s %i %s is %s', (of, status, type, outcome) => {
    expect(outcomeOf(of, status, type).outcome).toBe(outcome);
  });
});
