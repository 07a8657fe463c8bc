import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../../config.ts';
import type { NoteReading } from '../../contract/feed/note-reading.ts';
import type {
  FromWebhooks,
  ToWebhooks,
  WebhookAsk,
  WebhookAttempt,
  WebhookStatus,
  WebhookTask,
  Webhooks,
} from '../../contract/feed/webhooks.ts';
import { messageOf, refusal, refusalFrom } from '../../platform/error.ts';
import type { Log } from '../../platform/log.ts';
import { startChild } from '../../platform/spool.ts';
import { targetsIn } from '../../relay/targets.ts';

export interface WebhookOptions extends WebhookTask {
  /** True on a training copy, which contacts no other machines. */
  isOff: boolean;
  noteReading: NoteReading;
  /** True while the ledger is held. Its events may be wrong, so nothing is sent then. */
  isHeld: () => boolean;
  log: Log;
}

export interface OpenedWebhooks extends Webhooks {
  /** Starts sending. */
  start: () => void;
  close: () => Promise<void>;
}

/**
 * How long (in ms) the service waits for an answer from the child process. The child process has the lowest priority,
 * so on a busy machine, it can take more than ten seconds to start.
 */
const PATIENCE_MS = 30_000;

/** How long (in ms) to wait before restarting a child process that has stopped. */
const RESTART_MS = 5000;

/** How long (in ms) a shutdown waits for the child process to save its place. */
const CLOSE_MS = 2000;

export function webhooksFor(
  { data, training, webhookAllow: allow }: Config,
  parts: Omit<WebhookOptions, 'file' | 'allow' | 'isOff'>,
): OpenedWebhooks {
  return openWebhooks({ ...parts, file: join(data, 'webhooks.db'), allow, isOff: training === true });
}

export function openWebhooks(options: WebhookOptions): OpenedWebhooks {
  const { file, allow, isOff } = options;
  const targets = targetsIn(allow);
  const child = openChild(options);
  const exists = (): boolean => !isOff && existsSync(file);
  const change = (question: WebhookAsk & { name: string }): Promise<void> => {
    if (!exists()) throw refusal('not-found', 'webhook', { webhook: question.name });
    return child.ask(question);
  };
  const list = async (): Promise<WebhookStatus[]> => (exists() ? child.ask<WebhookStatus[]>({ what: 'list' }) : []);

  return {
    list,
    async one(name) {
      const found = (await list()).find((webhook) => webhook.name === name);
      if (found === undefined) throw refusal('not-found', 'webhook', { webhook: name });
      return found;
    },
    attempts: async (name, limit) => (exists() ? child.ask<WebhookAttempt[]>({ what: 'attempts', name, limit }) : []),
    check(address) {
      const target = new URL(address);
      if (isOff) throw refusal('webhook-refused', 'training');
      if (targets.problem(target) !== undefined) throw refusal('webhook-refused', 'target', { host: target.host });
    },
    add: (name, settings, after) => child.ask({ what: 'add', name, settings, after }),
    change: async (name, patch) => change({ what: 'change', name, patch }),
    remove: async (name) => change({ what: 'remove', name }),
    pause: async (name) => change({ what: 'pause', name }),
    resume: async (name, after) => change({ what: 'resume', name, ...(after === undefined ? {} : { after }) }),
    newSecret: (name, keepMs) => child.ask({ what: 'newSecret', name, keepMs }),
    // While there is no webhook, there is no child process.
    start: () => child.run(exists()),
    close: child.close,
  };
}

interface Child {
  ask: <T>(question: WebhookAsk) => Promise<T>;
  /** From now on, the child process sends events. If `isNeeded`, starts the child process at once. */
  run: (isNeeded: boolean) => void;
  close: () => Promise<void>;
}

function openChild(options: WebhookOptions): Child {
  const { ledger, file, allow, origin, log } = options;
  const waiting = new Map<number, (said: FromWebhooks | undefined) => void>();
  let child: ChildProcess | undefined;
  let restart: NodeJS.Timeout | undefined;
  let isRunning = false;
  let isClosed = false;
  let asked = 0;

  const tell = (said: ToWebhooks): void => void child?.send(said, () => {});
  const hear = (said: FromWebhooks): void => {
    if ('log' in said) log[said.log.level]({ webhook: said.log.webhook, detail: said.log.detail }, said.log.text);
    else if ('reading' in said)
      void noted(options, said.of).then((isNoted) => tell({ reading: said.reading, isNoted }));
    else waiting.get(said.number)?.(said);
  };
  const begin = (): void => {
    if (child !== undefined || isClosed) return;
    clearTimeout(restart);
    const started = startChild('jobs/webhooks/webhooks-child.js');
    child = started;
    const end = (): void => {
      if (child !== started) return;
      child = undefined;
      for (const give of waiting.values()) give(undefined);
      if (isClosed || !isRunning) return;
      log.warn('the process of the webhooks ended, and is started again');
      restart = setTimeout(begin, RESTART_MS).unref();
    };
    started.on('message', hear).once('error', end).once('exit', end);
    tell({ task: { ledger, file, allow, origin } });
    if (isRunning) tell({ run: true });
  };
  const answerTo = (question: WebhookAsk): Promise<FromWebhooks | undefined> => {
    begin();
    const number = ++asked;
    return new Promise((resolve) => {
      const give = (answer?: FromWebhooks): void => {
        clearTimeout(late);
        waiting.delete(number);
        resolve(answer);
      };
      const late = setTimeout(give, PATIENCE_MS);
      waiting.set(number, give);
      tell({ number, ask: question });
    });
  };

  return {
    async ask<T>(question: WebhookAsk): Promise<T> {
      const said = await answerTo(question);
      if (said !== undefined && 'answer' in said) return said.answer as T;
      if (said !== undefined && 'refused' in said) throw refusalFrom(said.refused);
      if (said !== undefined && 'fault' in said) log.error({ fault: said.fault }, 'the webhooks failed');
      throw refusal('webhooks-unavailable', 'ask');
    },
    run(isNeeded) {
      isRunning = true;
      if (child !== undefined) tell({ run: true });
      else if (isNeeded) begin();
    },
    async close() {
      isClosed = true;
      clearTimeout(restart);
      await ended(child);
    },
  };
}

/** Before a webhook sends its first event of a day, the service records that the webhook reads events. */
async function noted(
  { noteReading, isHeld, log }: WebhookOptions,
  reading: Parameters<NoteReading>[0],
): Promise<boolean> {
  if (isHeld()) return false;
  try {
    await noteReading(reading);
    return true;
  } catch (error) {
    log.warn(
      { actor: reading.actor, why: messageOf(error) },
      'a webhook has to wait: the ledger could not record that it reads events',
    );
    return false;
  }
}

async function ended(child: ChildProcess | undefined): Promise<void> {
  if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill();
  const late = setTimeout(() => child.kill('SIGKILL'), CLOSE_MS);
  await gone;
  clearTimeout(late);
}
