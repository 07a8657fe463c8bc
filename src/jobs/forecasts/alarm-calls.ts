import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { FORECAST_WORDS } from '../../../words/console/forecasts.ts';
import {
  ALARM_CODES,
  alarmKey,
  stepAlarms,
  type AlarmCode,
  type Condition,
  type Watched,
} from '../../decide/forecasts/alarms.ts';
import { speak } from '../../http/words.ts';
import { writeAtomically } from '../../platform/atomic-file.ts';
import { errorCode, messageOf } from '../../platform/error.ts';
import { fileFault } from '../../platform/file-error.ts';
import type { Log } from '../../platform/log.ts';
import { runOnAlarm, type AlarmCall, type AlarmProgram } from './run-command.ts';

/*
 * Tells people about alarms, in the log and with the command CLAIMSTAMP_ON_ALARM. The file `alarms.json` in the data
 * folder contains the alarms that have not been reported as ended yet. So a restart neither repeats a call nor omits
 * one.
 */

export interface AlarmCalls {
  /**
   * Reads the alarms that began before the restart. Short commands do not call this function, so they never report an
   * alarm.
   */
  start: () => void;
  /** Compares the current conditions with the previous ones, and starts the calls without waiting for them. */
  step: (present: readonly Condition[], unknown: ReadonlySet<AlarmCode>) => void;
  active: () => { code: AlarmCode; subject: string }[];
  close: () => Promise<void>;
}

export interface AlarmOptions {
  /** The data folder. */
  data: string;
  /** The program that CLAIMSTAMP_ON_ALARM names. */
  program: AlarmProgram | undefined;
  log: Log;
  now: () => number;
  /** A monotonic clock in ms. */
  clock: () => number;
}

const Kept = z.array(
  z.object({
    code: z.enum(ALARM_CODES),
    subject: z.string(),
    state: z.enum(['begin', 'end']),
    text: z.string(),
    beganAt: z.number(),
    /** How many times the command was started to report this state, and whether one of these runs finished. */
    runs: z.int(),
    told: z.boolean(),
  }),
);
type Kept = z.infer<typeof Kept>[number];

/**
 * If the service stops while the command is running, the service runs the command once more at its next start, but not
 * a third time.
 */
const MOST_RUNS = 2;

/** In normal operation, a time server corrects the clock by less than this (ms). */
const CORRECTED_MS = 60_000;

/** How long (in ms) the service waits for a running command when the service stops. */
const FAREWELL_MS = 2000;

export function openAlarmCalls(options: AlarmOptions): AlarmCalls {
  const { data, program, log, now, clock } = options;
  const file = join(data, 'alarms.json');
  const kept = new Map<string, Kept>();
  const began = openBegan(options);
  let watched: ReadonlyMap<string, Watched> = new Map();
  const leaving = new AbortController();
  let calls = Promise.resolve();

  const save = (): Promise<void> => saveTo(file, kept, log);
  const tellNow = async (key: string, call: Kept): Promise<void> => {
    if (leaving.signal.aborted) return;
    call.runs++;
    await save();
    const failure = program && (await runOnAlarm(program, call, leaving.signal));
    if (leaving.signal.aborted) return;
    const { code, subject, state } = call;
    if (failure !== undefined)
      log.error(
        { command: program?.command, code, subject, state, detail: failure },
        'the command of CLAIMSTAMP_ON_ALARM failed',
      );
    call.told = true;
    if (state === 'end' && kept.get(key) === call) kept.delete(key);
    await save();
  };
  const tell = (key: string, call: Kept): void => {
    calls = calls.then(() => tellNow(key, call));
  };
  return {
    start() {
      for (const call of readKept(file, log)) {
        const key = alarmKey(call);
        if (call.state === 'end' && call.runs >= MOST_RUNS) continue;
        kept.set(key, call);
        if (call.state === 'begin') began.set(key, call.beganAt);
        if (!call.told && call.runs < MOST_RUNS) tell(key, call);
      }
      watched = watchedFrom(kept.values(), clock());
    },
    step(present, unknown) {
      const step = stepAlarms(watched, present, unknown, clock());
      watched = step.watched;
      if (began.correct(kept)) calls = calls.then(save);
      for (const condition of step.begun) {
        const call = callOf(condition, 'begin', now());
        log.error({ code: call.code, subject: call.subject, text: call.text }, 'an alarm begins');
        kept.set(alarmKey(call), call);
        began.set(alarmKey(call), call.beganAt);
        tell(alarmKey(call), call);
      }
      for (const condition of step.ended) {
        const key = alarmKey(condition);
        const call = callOf(condition, 'end', kept.get(key)?.beganAt ?? now());
        log.warn({ code: call.code, subject: call.subject }, 'an alarm has ended');
        kept.set(key, call);
        began.delete(key);
        tell(key, call);
      }
    },
    active: () => [...watched.values()].filter(({ active }) => active).map(({ condition }) => condition),
    async close() {
      const cut = setTimeout(() => leaving.abort(), FAREWELL_MS);
      await calls;
      clearTimeout(cut);
    },
  };
}

async function saveTo(file: string, kept: ReadonlyMap<string, Kept>, log: Log): Promise<void> {
  try {
    await writeAtomically(file, JSON.stringify([...kept.values()]));
  } catch (error) {
    // A full disk is also an alarm, so the call must not fail because the file cannot be written.
    log.warn(
      { detail: fileFault(file, error).message },
      'alarms.json could not be written: after a restart, the last alarm may be reported again',
    );
  }
}

interface Began {
  set: (key: string, at: number) => void;
  delete: (key: string) => void;
  /** Corrects the times at which alarms began. Returns true if one of these times was wrong. */
  correct: (calls: ReadonlyMap<string, Kept>) => boolean;
}

/**
 * Remembers when each alarm began, as a time of the monotonic clock. The wall clock may have been wrong at that time,
 * and may have been corrected since. So the time of the beginning is calculated backwards from the current time. After
 * a restart, the monotonic clock restarts from zero, so the time in the file is used.
 */
function openBegan({ now, clock }: Pick<AlarmOptions, 'now' | 'clock'>): Began {
  const began = new Map<string, number>();
  return {
    set: (key, at) => void began.set(key, clock() - (now() - at)),
    delete: (key) => void began.delete(key),
    correct(calls) {
      let isCorrected = false;
      for (const [key, call] of calls) {
        const since = began.get(key);
        const at = since === undefined ? call.beganAt : Math.round(now() - (clock() - since));
        if (Math.abs(at - call.beganAt) <= CORRECTED_MS) continue;
        call.beganAt = at;
        isCorrected = true;
      }
      return isCorrected;
    },
  };
}

function callOf({ code, subject, says, values }: Condition, state: AlarmCall['state'], beganAt: number): Kept {
  const text = speak('en')(FORECAST_WORDS, says, values);
  return { code, subject, state, text, beganAt, runs: 0, told: false };
}

/**
 * The alarms that had already begun before a restart. Whether these alarms end or continue, their beginning is not
 * reported a second time.
 */
function watchedFrom(kept: Iterable<Kept>, at: number): Map<string, Watched> {
  const begun = [...kept].filter(({ state }) => state === 'begin');
  return new Map(
    begun.map(({ code, subject, text }) => {
      const condition: Condition = { code, subject, says: 'alarm.before', values: { text } };
      return [alarmKey(condition), { condition, since: at, lastSeen: at, active: true }];
    }),
  );
}

function readKept(file: string, log: Log): Kept[] {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if (errorCode(error) !== 'ENOENT')
      log.warn(
        { detail: fileFault(file, error).message },
        'alarms.json cannot be read: active alarms are reported again',
      );
    return [];
  }
  try {
    return Kept.parse(JSON.parse(text));
  } catch (error) {
    log.warn({ file, detail: messageOf(error) }, 'this file is damaged, so active alarms are reported again');
    return [];
  }
}
