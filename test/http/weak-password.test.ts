import { describe, expect, it } from 'vitest';
import { ClaimstampError } from '../../src/platform/error.ts';
import { refuseWeak } from '../../src/http/weak-password.ts';

const NAMES = { person: 'lin-the-operator', site: ['claimstamp', 'stamp.acme-plant.example', 'Umbra Devices'] };

function codeOf(password: string, names = NAMES): string {
  try {
    refuseWeak(password, names);
    return 'taken';
  } catch (error) {
    if (error instanceof ClaimstampError) return error.code;
    throw error;
  }
}

describe('a new password', () => {
  it.each(['short', 'fourteen chars', 'x'.repeat(129), 'a\u0301'.repeat(14)])('%s has a wrong length', (password) => {
    expect(codeOf(password)).toBe('password-unfit');
  });

  it.each([
    ['in the list', 'qwertyuiopasdfghjkl'],
    ['in the list, in capitals', 'PASSWORDPASSWORD'],
    ['in the list, written with digits and signs', 'p@$$w0rdp@$$w0rd'],
    ['in the list, backwards', 'drowssapdrowssap'],
    ['in full-width letters', 'ｐａｓｓｗｏｒｄ１２３４５６７'],
    ['two common passwords', 'Password12345678'],
    ['a common password with a year and signs', 'Manchester2026!!!!'],
    ['common passwords with spaces', 'monkey  dragon  master'],
    ['a common password, padded', '!!!!!football!!!!!'],
    ['a common password between digits', '11111letmein11111'],
    ['a common password three times', 'summer summer summer'],
    ['a season and years', 'Summer2025Summer2026'],
    ['one character', 'aaaaaaaaaaaaaaa'],
    ['one character of a script without case', '密密密密密密密密密密密密密密密'],
    ['one character and one other', 'aaaaaaaaaaaaaaab'],
    ['spaces', '               x'],
    ['a sequence', 'abcdefghijklmnop'],
    ['a sequence backwards', '987654321098765'],
    ['a row of keys', 'zxcvbnm,./zxcvbnm'],
    ['columns of keys', '1qaz2wsx3edc4rfv'],
    ['a random part, repeated', 'xK7qxK7qxK7qxK7q'],
    ['a random part, repeated and cut', 'xK7qxK7qxK7qxK7'],
    ['a famous phrase', 'Correct horse battery staple'],
  ])('%s is common: %s', (_what, password) => {
    expect(codeOf(password)).toBe('password-common');
  });

  it.each([
    ['the name', 'Lin-the-operator'],
    ['the name backwards', 'rotarepo-eht-nil'],
    ['the name with look-alikes', 'L1n-th3-0per@tor'],
    ['the name with a year', 'lintheoperator2026'],
    ['the service', 'claimstamp-claimstamp'],
    ['the service and digits', 'Claimstamp12345678'],
    ['the host', 'stamp.acme-plant.example'],
    ['a part of the host', 'acme-plant-2026!'],
    ['the company', 'umbra devices 123'],
    ['the company and the service', 'UmbraDevicesClaimstamp'],
  ])('%s is like a name: %s', (_what, password) => {
    expect(codeOf(password)).toBe('password-like-name');
  });

  it.each([
    'four words are enough',
    'five words are better still',
    'gauge ocelot fern lamp',
    'tornillo verde sobre la mesa',
    '我的密码由很多不同的汉字组成安全',
    'Schlüssel liegt unter der Matte',
    'vbqmzkpwtrhdxgl',
    'k7Q!x-2mB_9z@Lp',
    '🔑🚗🌲🍋🎸🧊🐙🛶🪁🎯🧭🕯🧵🥝🛰',
    'the name lin is only a small part of this',
    '481639270584163',
    `${'a long sentence that nobody else would think of, '.repeat(2)}and an end of its own.`,
  ])('%s is taken, whatever its characters are', (password) => {
    expect(codeOf(password)).toBe('taken');
  });
});
