// Draws sentences from documents, pages and source comments for a reader to check:
//   node scripts/sample-sentences.mjs 300 7        300 sentences with the seed 7; the same seed draws the same places
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const [count = 300, seed = 1] = process.argv.slice(2).map(Number);
const files = execFileSync('git', ['ls-files'], { encoding: 'utf8' }).split('\n');
const sentences = files.flatMap((file) => textsOf(file).flatMap((text) => sentencesOf(text).map((one) => [file, one])));
const next = mulberry32(seed);
for (let i = 0; i < sentences.length - 1 && i < count; i++) {
  const j = i + Math.floor(next() * (sentences.length - i));
  [sentences[i], sentences[j]] = [sentences[j], sentences[i]];
}
sentences.slice(0, count).forEach(([file, text], i) => process.stdout.write(`${i + 1}\t${file}\t${text}\n`));

/** The prose of a file: paragraphs of a document; comments, messages and the words of pages in source. */
function textsOf(file) {
  if (file.endsWith('.md')) return documentTexts(readFileSync(file, 'utf8'));
  if (/^(src|words|bench|harness|torture)\/.*\.tsx?$/.test(file)) return sourceTexts(readFileSync(file, 'utf8'));
  return [];
}

function documentTexts(text) {
  const prose = text.replace(/^[ \t]*```[^]*?^[ \t]*```/gm, '').replace(/^( {4}|\|[- |]+\|$).*$/gm, '');
  return prose
    .split(/\n\s*\n|\n[ \t]*(?=[-*#|>] ?|\d+\. )/)
    .flatMap((part) => (part.trim().startsWith('|') ? part.split('|') : [part]))
    .map((part) => part.replace(/^([#>*-]+|\d+\.) /, ''));
}

function sourceTexts(text) {
  const comments = [...text.matchAll(/(?<![^\s{])\/\*\*?([^]*?)\*\//g)].map(([, body]) =>
    body.replace(/^\s*\* ?/gm, ''),
  );
  const lines = [...text.matchAll(/(?:^[ \t]*\/\/ ?.*\n)+/gm)].map(([body]) => body.replace(/^[ \t]*\/\/ ?/gm, ''));
  const code = text.replace(/(?<![^\s{])\/\*[^]*?\*\/|^[ \t]*\/\/.*$/gm, '');
  const words = [...code.matchAll(/'((?:[^'\\\n]|\\.)+)'|`([^`]+)`|"([^"\n]+)"/g)]
    .map(([, single, template, double]) => single ?? template ?? double)
    .filter((word) => /^[\p{L}$"{].*\s\p{L}+\s/u.test(word) && /[a-z] [a-z]/.test(word));
  return [...comments, ...lines, ...words.filter((word) => !/SELECT|INSERT|UPDATE|CREATE|--/.test(word))];
}

function sentencesOf(text) {
  return text
    .replace(/\s+/g, ' ')
    .split(/(?<=[.!?:](?:\*\*|\))?) (?=\*{0,2}[A-Z`"([])/)
    .map((one) => one.trim())
    .filter((one) => one.split(' ').length >= 5);
}

/** A small generator with a seed (public domain, Tommy Ettinger's mulberry32): the draw can be repeated. */
function mulberry32(state) {
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
