import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { STATION } from '../../words/console/station.ts';
import { EVENT_COLUMNS, UNIT_COLUMNS } from '../../src/export/columns.ts';
import { PERMISSIONS, PERSON_ROLES, permissionsOf, type Permission } from '../../src/model/role.ts';
import { REFUSALS } from '../../words/refusals/table.ts';
import { SECRETS, Settings, variableOf } from '../../src/config.ts';
import { settingsOf } from '../../src/model/settings.ts';
import { commandReference } from '../support/command-reference.ts';
import { packageRoot } from '../../src/platform/package-root.ts';

const read = (path: string): string => readFileSync(join(packageRoot, path), 'utf8');

test('the tables of figures in firmware.md are those that its script prints, all of them and in their order', () => {
  const script = join(packageRoot, 'scripts', 'claim-id-odds.mjs');
  const printed = execFileSync(process.execPath, [script], { encoding: 'utf8' }).trim().split('\n\n');
  const tables = (read('docs/firmware.md').match(/(?:^\|.*\n)+/gm) ?? []).filter((table) => table.includes('---:'));
  expect(tables.map((table) => table.trim())).toEqual(printed);
});

test("the count of the agent's generator prints what stands beside it", () => {
  const text = read('docs/decisions/0001-agent-generator-is-uniform.md');
  const [, script, printed] = /node -e '\n([^']*)'\n```\n\n```text\n([^`]*)```/.exec(text) ?? [];
  expect(execFileSync(process.execPath, ['-e', script as string], { encoding: 'utf8' })).toBe(printed);
});

test('the tables of columns in formats.md are the columns of an export, in their order', () => {
  const sections = read('docs/formats.md').split(/^## /m);
  const columns = (title: string): string[] =>
    [...(sections.find((one) => one.startsWith(title)) ?? '').matchAll(/^\| `(\w+)` \|/gm)].map(
      ([, name = '']) => name,
    );
  expect(columns('Columns of units')).toEqual(UNIT_COLUMNS.map(({ name }) => name));
  expect(columns('Columns of events')).toEqual(EVENT_COLUMNS.map(({ name }) => name));
});

test('the table of api.md has every refusal code with its status and title', () => {
  const rows = [...read('docs/api.md').matchAll(/^\| `([a-z-]+)` \| (\d+) \| ([^|]+) \|/gm)];
  expect(rows.map(([, code, status, title]) => [code, Number(status), title])).toEqual(
    Object.entries(REFUSALS).map(([code, { status, title }]) => [code, status, title]),
  );
});

test('the table of roles in access.md is what the roles may', () => {
  const rows = [...read('docs/access.md').matchAll(/^\| `([a-z]+:[a-z]+)` [^|]*\|(.*)\|(.*)\|(.*)\|(.*)\|(.*)\|$/gm)];
  expect(rows.map(([, permission]) => permission)).toEqual(Object.keys(PERMISSIONS));
  for (const [, permission, ...columns] of rows) {
    const may = PERSON_ROLES.map((role) => permissionsOf(role).has(permission as Permission));
    const told = columns.map((column) => ['yes', 'limited'].includes(column.trim()));
    expect([permission, ...told]).toEqual([permission, ...may]);
  }
});

test('the sentences that operator.md explains are those of the screen at a station', () => {
  const [, table = ''] = /\| the screen says \| do this \|\n\|---\|---\|\n((?:\|.*\n)+)/.exec(read('docs/operator.md')) ?? [];
  const explained = [...table.matchAll(/^\| ([^|]+) \|/gm)].map(([, sentence = '']) => sentence);
  expect(explained.length).toBeGreaterThan(5);
  const onScreen = Object.values(STATION.en);
  expect(explained.filter((sentence) => !onScreen.some((one) => one.startsWith(sentence)))).toEqual([]);
});

const documents = execFileSync('git', ['ls-files', '*.md'], { cwd: packageRoot, encoding: 'utf8' }).trim().split('\n');
const prose = (path: string): string => read(path).replace(/^```[^]*?^```/gm, '');
const anchors = (path: string): string[] =>
  [...prose(path).matchAll(/^#+ (.*)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );

test.each(documents)('every link in %s leads to a file and a heading that exist', (path) => {
  const broken = [...prose(path).matchAll(/\]\((?!https?:)([^)\s#]*)(?:#([^)\s]*))?\)/g)].filter(([, file, anchor]) => {
    const to = file === '' ? path : join(dirname(path), file as string);
    return !existsSync(join(packageRoot, to)) || (anchor !== undefined && !anchors(to).includes(anchor));
  });
  expect(broken.map(([link]) => link)).toEqual([]);
});

test('each guide in docs/ is in the table of documents by reader', () => {
  const table = read('README.md').match(/^\| \*\*.*$/gm)?.join('') ?? '';
  const guides = documents.filter((path) => /^docs\/[^/]+$/.test(path));
  expect(guides.filter((path) => !table.includes(`](${path})`))).toEqual([]);
});

const FOLDERS = 'src|test|bench|harness|torture|scripts|assets|labels|migrations|deploy';

// CHANGELOG.md also names files of the past.
test.each(documents.filter((path) => path !== 'CHANGELOG.md'))('every path that %s names exists', (path) => {
  const named = read(path).matchAll(new RegExp(`(?:^|[\\s\`(])((?:${FOLDERS})/[\\w./-]*\\w)`, 'gm'));
  const missing = [...named].map(([, name = '']) => name).filter((name) => !existsSync(join(packageRoot, name)));
  expect(missing).toEqual([]);
});

test('the table of settings in admin.md is made from their description', async () => {
  const text = read('docs/admin.md');
  const [, before, after] = /^(.*?\n\| environment \| default \| file \| \|\n\|---\|---\|---\|---\|\n)(?:\|[^\n]*\n)+(.*)$/s.exec(text) ?? [];
  await expect(`${before}${settingRows().join('')}${after}`).toMatchFileSnapshot(join(packageRoot, 'docs/admin.md'));
});

function settingRows(): string[] {
  const { catalog: _catalog, ...shape } = Settings.shape;
  const rows = settingsOf(shape).map(({ name, help, default: usual }) => {
    const setting = shape[name as keyof typeof shape];
    const fixed = z.globalRegistry.get(setting)?.['x-default'] ?? (usual === undefined ? '' : shownDefault(usual));
    const variable = variableOf(name as keyof typeof shape);
    const file = SECRETS.some((secret) => secret === name) ? `; also as \`${variable}_FILE\`` : '';
    return `| \`${variable}\` | ${fixed} | \`${name}\` | ${help}${file} |\n`;
  });
  return [...rows, '| `CLAIMSTAMP_CONFIG` | | | the JSON5 file |\n'];
}

/** Long lists by their first values. */
function shownDefault(usual: unknown): string {
  if (!Array.isArray(usual)) return `\`${String(usual)}\``;
  if (usual.length === 0) return '';
  return `\`${usual.length > 3 ? `${usual.slice(0, 3).join()},…` : usual.join()}\``;
}

test('cli.md has the help of each command', async () => {
  await expect(await commandReference()).toMatchFileSnapshot('../../docs/cli.md');
});
