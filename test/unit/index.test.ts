import { expect, it } from 'vitest';
import * as library from '../../src/index.ts';

it('the library offers these names and no others', () => {
  expect(Object.keys(library).sort()).toEqual(
    ['PLAIN', 'analyse', 'createParser', 'explainScreen', 'indexOf', 'parseText', 'toDocument', 'toWrite'].sort(),
  );
});
