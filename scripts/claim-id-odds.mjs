// Prints the tables of docs/firmware.md: bits, and the probabilities of a guess and of a collision of random Claim IDs.
const LENGTHS = [10, 12, 16];
const DEVICES = [4, 5, 6, 7, 8, 9].map((power) => 10 ** power);
const GUESSES = [1, 1e6];

/** The number of Claim IDs of this length. */
const ids = (length) => 32 ** length;

/** The probability that one of `guesses` guesses is one of `devices` Claim IDs; both are few compared with all IDs. */
const hit = (devices, guesses, length) => -Math.expm1(guesses * Math.log1p(-devices / ids(length)));

/**
 * The probability that two of `devices` random Claim IDs are equal: 1 − e^(−n(n−1)/2N). The next term of the series is below
 * n³/6N²: one ten-thousandth for 10⁹ devices with ten letters, where the probability is practically 1.
 */
const collision = (devices, length) => -Math.expm1((-devices * (devices - 1)) / 2 / ids(length));

const SUPERSCRIPT = '⁰¹²³⁴⁵⁶⁷⁸⁹';
const power = (exponent) => `10${Array.from(String(exponent), (digit) => SUPERSCRIPT[digit]).join('')}`;

function chance(p) {
  if (p > 0.99999) return 'certain';
  if (p >= 0.01) return `${(100 * p).toPrecision(2)} %`;
  const [digits, exponent] = (1 / p).toExponential(1).split('e+');
  return Number(exponent) < 4 ? `1 in ${Number((1 / p).toPrecision(2))}` : `1 in ${digits} × ${power(exponent)}`;
}

function table(head, rows) {
  const line = (cells) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---:')), ...rows.map(line)].join('\n');
}

const names = LENGTHS.map((length) => `${length} letters`);
const devices = (rows) =>
  DEVICES.map((count) => [power(Math.log10(count)), ...LENGTHS.map((length) => rows(count, length))]);

const bits = table(
  ['letters', 'bits', 'Claim IDs'],
  LENGTHS.map((length) => [length, 5 * length, (32n ** BigInt(length)).toLocaleString('en')]),
);
const guesses = GUESSES.map((count) =>
  table(
    ['devices', ...names],
    devices((held, length) => chance(hit(held, count, length))),
  ),
);
const collisions = table(
  ['devices', ...names],
  devices((held, length) => chance(collision(held, length))),
);

process.stdout.write(`${[bits, ...guesses, collisions].join('\n\n')}\n`);
