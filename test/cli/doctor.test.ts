import { describe, expect, it } from 'vitest';
import { certificateFindings } from '../../src/cli/doctor/certificate.ts';
import { shown } from '../../src/cli/doctor/command.ts';
import { certify, makeAuthority } from '../support/pki.ts';

const LONG = {
  check: 'folders',
  state: 'problem',
  text: 'CLAIMSTAMP_BACKUP_FOLDER: /mnt/a-folder-with-a-long-name/backups: there is no such file or folder. Create it',
} as const;

it('on a terminal, findings do not run over its edge, and no word is lost', () => {
  const said = shown([{ check: 'program', state: 'ok', text: 'Claimstamp' }, LONG], 80);
  expect(said.split('\n').filter((line) => line.length > 80)).toEqual([]);
  expect(said.split('\n').length).toBeGreaterThan(3);
  expect(said.replaceAll(/\s+/g, ' ')).toContain(LONG.text);
});

it('in a pipe, each finding is one line', () => {
  expect(shown([LONG])).toBe(`check    state    finding\nfolders  problem  ${LONG.text}`);
});

describe('the certificate', () => {
  const { cert: tlsCert, key: tlsKey } = certify(makeAuthority(), 'claims', 30);
  const DAY_MS = 24 * 60 * 60 * 1000;
  const found = (days: number, publicUrl?: string): string[] =>
    certificateFindings(
      { tlsCert, tlsKey, ...(publicUrl === undefined ? {} : { publicUrl }) },
      Date.now() + days * DAY_MS,
    ).map(({ state, text }) => `${state}: ${text.slice(text.indexOf(' is ') + 1)}`);

  it('must be valid today, and for two weeks more', () => {
    expect(found(-30)).toEqual([
      expect.stringMatching(/^problem: is valid only from .*: replace it, or set the clock$/),
    ]);
    expect(found(0)).toEqual([expect.stringMatching(/^ok: is valid until /)]);
    expect(found(20)).toEqual([expect.stringMatching(/^warning: is valid until .*: replace it$/)]);
    expect(found(31)).toEqual([expect.stringMatching(/^problem: is valid until .*: replace it$/)]);
  });

  it('must name the host in the address of the service', () => {
    expect(found(0, 'https://localhost:4100')).toHaveLength(1);
    expect(found(0, 'https://127.0.0.1:4100')).toHaveLength(1);
    expect(found(0, 'https://claims.example')[1]).toMatch(
      /^warning: is for .*CLAIMSTAMP_PUBLIC_URL names claims\.example/,
    );
  });
});
