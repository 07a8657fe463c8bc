// Writes THIRD_PARTY_NOTICES: the licence of every package that production installs (package-lock.json, node_modules),
// of the fonts in labels/fonts, and of the list in passwords/. With --check it writes nothing and fails if the file is
// out of date. It needs no network.
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const file = join(root, 'THIRD_PARTY_NOTICES');
const RULE = '-'.repeat(80);
const LICENCE_FILE = /^(licen[cs]e|copying|notice|ofl)(\.|-|$)/i;

const text = [intro(), ...packages(), fonts(), passwords()].join(`\n${RULE}\n\n`);
if (!process.argv.includes('--check')) writeFileSync(file, text);
else if (!existsSync(file) || readFileSync(file, 'utf8') !== text) {
  console.error('THIRD_PARTY_NOTICES is out of date: run node scripts/third-party-notices.mjs and commit the file');
  process.exitCode = 1;
}

function intro() {
  return 'Claimstamp contains or installs the following software, fonts and data, each under its own licence.\n';
}

/** Leaves out packages for other platforms and optional ones that are not installed. */
function packages() {
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
  return Object.entries(lock.packages)
    .filter(([path, { dev, devOptional, os, cpu }]) => path !== '' && !dev && !devOptional && !os && !cpu)
    .filter(([path, { optional }]) => !optional || existsSync(join(root, path)))
    .map(([path, { version }]) => notice(path, version))
    .toSorted();
}

function notice(path, version) {
  const folder = join(root, path);
  const { name, license, author, repository } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const texts = readdirSync(folder)
    .filter((entry) => LICENCE_FILE.test(entry))
    .toSorted()
    .map((entry) => plain(readFileSync(join(folder, entry), 'utf8')));
  const by = typeof author === 'string' ? author : author?.name;
  const source = repository?.url ?? repository;
  const missing = `The package brings no licence text. Its package.json says:\nlicence ${license}, author ${by ?? 'not named'}, source ${source ?? 'not named'}\n`;
  return `${name} ${version} (${license ?? 'see below'})\n\n${texts.join('\n') || missing}`;
}

function fonts() {
  const folder = join(root, 'labels', 'fonts');
  const names = readdirSync(folder).filter((entry) => /\.(ttf|otf)$/i.test(entry));
  return `Fonts in labels/fonts: ${names.toSorted().join(', ')}\n\n${plain(readFileSync(join(folder, 'LICENSE.txt'), 'utf8'))}`;
}

function passwords() {
  const licence = plain(readFileSync(join(root, 'passwords', 'LICENSE.txt'), 'utf8'));
  return `The list of common passwords in passwords/common.txt, from @zxcvbn-ts/language-common\n\n${licence}`;
}

/** Normalises line ends and white space. */
function plain(raw) {
  return `${raw
    .replace(/\r\n?/g, '\n')
    .replace(/[ \t\f]+$/gm, '')
    .trim()}\n`;
}
