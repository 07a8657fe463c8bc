import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import type { Condition } from '../../../src/decide/forecasts/alarms.ts';
import { openAlarmCalls, type AlarmCalls } from '../../../src/jobs/forecasts/alarm-calls.ts';
import { runOnAlarm } from '../../../src/jobs/forecasts/run-command.ts';
import { tempFolder } from '../../support/service.ts';
import { until } from '../../support/until.ts';

const held: Condition = { code: 'held', subject: '', says: 'alarm.held', values: {} };
const MINUTE_MS = 60_000;
const SECRET = { CLAIMSTAMP_ADMIN_TOKEN: 'never-passed-on', PATH: process.env['PATH'] };
const NONE = new Set<never>();

function script(folder: string, lines: string): string {
  const file = join(folder, 'on-alarm');
  writeFileSync(file, `#!/bin/sh\n${lines}\n`);
  chmodSync(file, 0o755);
  return file;
}

/** A program that adds a line for each call. */
const noting = (folder: string): string =>
  script(folder, `echo "$CLAIMSTAMP_ALARM_STATE $CLAIMSTAMP_ALARM_CODE $CLAIMSTAMP_ALARM_SUBJECT" >> ${folder}/calls`);

const callsIn = (folder: string): string[] =>
  existsSync(join(folder, 'calls')) ? readFileSync(join(folder, 'calls'), 'utf8').trim().split(/ *\n/) : [];

interface Opened extends AlarmCalls {
  log: () => string;
  /** Moves the clock, then compares the conditions. */
  at: (minute: number, present: Condition[]) => void;
}

/** `wrongMs` says how far the wall clock is from the true time. */
function open(folder: string, command: string | undefined, wrongMs: () => number = () => 0): Opened {
  let log = '';
  let clock = 0;
  const calls = openAlarmCalls({
    data: folder,
    program: command === undefined ? undefined : { command, environment: SECRET },
    log: pino({ base: null }, { write: (line: string) => void (log += line) }),
    now: () => Date.UTC(2026, 10, 29) + clock + wrongMs(),
    clock: () => clock,
  });
  calls.start();
  return {
    ...calls,
    log: () => log,
    at(minute, present) {
      clock = minute * MINUTE_MS;
      calls.step(present, NONE);
    },
  };
}

describe('the time at which an alarm began', () => {
  const DAY_MS = 24 * 60 * MINUTE_MS;
  const times = (folder: string): string[] =>
    existsSync(join(folder, 'times')) ? readFileSync(join(folder, 'times'), 'utf8').trim().split('\n') : [];
  const timing = (folder: string): string => script(folder, `echo "$CLAIMSTAMP_ALARM_SINCE" >> ${folder}/times`);

  it.each([
    ['1970', -56 * 365 * DAY_MS],
    ['2099', 73 * 365 * DAY_MS],
  ])('is right at its end, although the clock showed %s at its beginning', async (_, wrong) => {
    const folder = tempFolder();
    let wrongMs = wrong;
    const alarms = open(folder, timing(folder), () => wrongMs);
    alarms.at(10, [held]);
    await until(() => times(folder).length === 1);
    wrongMs = 0;
    alarms.at(30, [held]);
    alarms.at(36, []);
    await until(() => times(folder).length === 2);
    await alarms.close();
    expect(times(folder)[1]).toBe('2026-11-29T00:10:00.000Z');
  });

  it('is right after a restart, if the clock was corrected before', async () => {
    const folder = tempFolder();
    let wrongMs = -20 * 365 * DAY_MS;
    const before = open(folder, undefined, () => wrongMs);
    before.at(10, [held]);
    wrongMs = 0;
    before.at(30, [held]);
    await before.close();
    const after = open(folder, timing(folder));
    after.at(40, [held]);
    after.at(46, []);
    await until(() => times(folder).length === 1);
    await after.close();
    expect(times(folder)).toEqual(['2026-11-29T00:10:00.000Z']);
  });
});

describe('the program of CLAIMSTAMP_ON_ALARM', () => {
  it('is run once when an alarm begins and once when it ends', async () => {
    const folder = tempFolder();
    const alarms = open(folder, noting(folder));
    for (const minute of [0, 1, 2, 3]) alarms.at(minute, [held]);
    for (const minute of [4, 9, 10]) alarms.at(minute, []);
    await alarms.close();
    expect(callsIn(folder)).toEqual(['begin held', 'end held']);
  });

  it('is not run again after a restart while the alarm goes on', async () => {
    const folder = tempFolder();
    const first = open(folder, noting(folder));
    first.at(0, [held]);
    await first.close();
    const second = open(folder, noting(folder));
    second.at(0, [held]);
    second.at(1, [held]);
    await second.close();
    expect(callsIn(folder)).toEqual(['begin held']);
    const third = open(folder, noting(folder));
    expect(third.active()).toEqual([expect.objectContaining({ code: 'held' })]);
    for (const minute of [1, 5]) third.at(minute, []);
    await third.close();
    expect(callsIn(folder)).toEqual(['begin held', 'end held']);
  });

  it('is run once more, and not a third time, if the service ends while it runs', async () => {
    const folder = tempFolder();
    const slow = script(folder, `echo run >> ${folder}/calls\nsleep 60`);
    for (const starts of [1, 2, 3]) {
      const alarms = open(folder, slow);
      alarms.at(0, [held]);
      await until(() => callsIn(folder).length >= Math.min(starts, 2));
      await alarms.close();
    }
    expect(callsIn(folder)).toEqual(['run', 'run']);
  });

  it('is called about an alarm that goes on if alarms.json is damaged', async () => {
    const folder = tempFolder();
    writeFileSync(join(folder, 'alarms.json'), '[{');
    const alarms = open(folder, noting(folder));
    alarms.at(0, [held]);
    await alarms.close();
    expect(callsIn(folder)).toEqual(['begin held']);
    expect(alarms.log()).toContain('this file is damaged');
  });

  it('is called although the data folder cannot be written', async () => {
    const folder = tempFolder();
    const calls = openAlarmCalls({
      data: join(folder, 'missing'),
      program: { command: noting(folder), environment: SECRET },
      log: pino({ level: 'silent' }),
      now: () => 0,
      clock: () => 0,
    });
    calls.start();
    calls.step([held], NONE);
    await calls.close();
    expect(callsIn(folder)).toEqual(['begin held']);
  });

  it('that fails is logged with its error output', async () => {
    const folder = tempFolder();
    const alarms = open(folder, script(folder, 'echo no mail server >&2; exit 3'));
    alarms.at(0, [held]);
    await alarms.close();
    expect(alarms.log()).toContain('ended with exit status 3: no mail server');
  });

  it('that does not exist is logged', async () => {
    const alarms = open(tempFolder(), '/nowhere/on-alarm');
    alarms.at(0, [held]);
    await alarms.close();
    expect(alarms.log()).toContain('ENOENT');
  });

  it('is not needed: the log has the alarm', async () => {
    const alarms = open(tempFolder(), undefined);
    alarms.at(0, [held]);
    await alarms.close();
    expect(alarms.log()).toContain('an alarm begins');
  });
});

describe('a run of the program', () => {
  const call = { code: 'printer', subject: 'zebra', state: 'begin', beganAt: 0 } as const;
  const run = (command: string, text: string, mostMs?: number): Promise<string | undefined> =>
    runOnAlarm({ command, environment: SECRET }, { ...call, text }, new AbortController().signal, mostMs);

  it('passes the facts in variables, and no secret and no shell', async () => {
    const folder = tempFolder();
    const failure = await run(script(folder, `env > ${folder}/env`), `$(touch ${folder}/hacked); "no\npaper"`);
    expect(failure).toBeUndefined();
    const env = readFileSync(join(folder, 'env'), 'utf8');
    expect(env).toContain(`CLAIMSTAMP_ALARM_TEXT=$(touch ${folder}/hacked); "no paper"\n`);
    expect(env).toContain('CLAIMSTAMP_ALARM_SINCE=1970-01-01T00:00:00.000Z\n');
    expect(env).not.toContain('never-passed-on');
    expect(existsSync(join(folder, 'hacked'))).toBe(false);
  });

  it('that hangs is killed with everything that it started', async () => {
    const folder = tempFolder();
    const command = script(folder, `sh -c 'echo $$ > ${folder}/pid; sleep 60' &\nwait`);
    const running = run(command, 'x', 2000);
    const pid = Number(await until(() => existsSync(join(folder, 'pid')) && readFileSync(join(folder, 'pid'), 'utf8')));
    expect(await running).toBe('was killed after 2 seconds');
    await until(() => !isAlive(pid));
  });
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    // A killed process that no one has reaped is still there as a zombie.
    return !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ');
  } catch {
    return false;
  }
}
