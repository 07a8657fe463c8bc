import { expect, test } from 'vitest';
import { findScanner, TEST_CODE } from '../../../src/model/scan/scanner-test.ts';

test.each([
  [TEST_CODE, { letters: 'same', prefix: '', tail: '' }],
  [`]Q1${TEST_CODE}`, { letters: 'same', prefix: '', tail: '', symbology: 'Q1' }],
  [`S1:${TEST_CODE}~`, { letters: 'same', prefix: 'S1:', tail: '~' }],
  [`S1:]Q1${TEST_CODE}`, { letters: 'same', prefix: 'S1:', tail: '', symbology: 'Q1' }],
  ['tEST-yz/qawm_u0189', { letters: 'caps-lock', prefix: '', tail: '' }],
  ['TestßZY-QAWM?U0189', { letters: 'layout-qwertz', prefix: '', tail: '' }],
  [']C0JT08FFQXWQ', { letters: 'other', prefix: '', tail: '', symbology: 'C0' }],
  ['JT08FFQXWQ', { letters: 'other', prefix: '', tail: '' }],
])('of %s says what the scanner adds and changes', (sent, found) => {
  expect(findScanner(sent)).toEqual(found);
});
