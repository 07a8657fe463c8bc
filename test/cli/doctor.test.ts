import { expect, it } from 'vitest';
import { shown } from '../../src/cli/doctor/command.ts';

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
