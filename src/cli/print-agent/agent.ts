import type { AgentOffer, AgentReport } from '../../contract/printing.ts';
import type { Client } from '../../http/client.ts';
import type { Outcome, Stop } from '../../model/printing/sending.ts';
import { isCode, messageOf } from '../../platform/error.ts';
import { attemptOnce } from '../../print/send.ts';
import { pause } from '../../print/socket.ts';
import type { Memory } from './memory.ts';
import { ANY_PLACE, type Target } from './target.ts';

/*
 * Prints the labels of one printer on this PC. For each label, the agent asks the service, checks the printer, takes
 * the label, prints it, and reports the outcome. Before the agent sends the first byte to the printer, it writes the
 * claim to its memory file. So after a restart, the agent can report which claims it had begun, and never prints a
 * label twice.
 */

export interface AgentOptions {
  client: Client;
  memory: Memory;
  target: Target;
  host: string;
  say: (text: string) => void;
  /** When this signal aborts, the agent finishes the label that it is printing, and then stops. */
  stop: AbortSignal;
}

/** The maximum time (in ms) that one request waits for a label. */
const WAIT_MS = 20_000;

const UP = 'connected to the service, waiting for labels';

/** The shortest and the longest pause after a failure, in ms. */
const FIRST_PAUSE_MS = 500;
const MAX_PAUSE_MS = 30_000;

/**
 * How often (in ms) the agent sends a report while a label is being printed. If the service's time limit is short, the
 * agent reports three times within this limit.
 */
const BEAT_MS = 5_000;

/** When the agent must stop, the label that is being printed has this long (ms) to finish. */
const GRACE_MS = 10_000;

/** Prints labels until it is told to stop. Throws if the service refuses the agent's first request. */
export async function runAgent(options: AgentOptions): Promise<void> {
  const { stop, say } = options;
  const link = openLink(options);
  await noteUnfinished(options);
  for (let isKnown = false; !stop.aborted;) {
    try {
      await reportEnded(options);
      // The first request does not wait for a label, so that the agent learns at once whether the service accepts its
      // token.
      const offer = await ask(options, link.isUp() ? WAIT_MS : 0);
      link.works();
      isKnown = true;
      if (offer !== undefined) await printLabel(options, offer);
    } catch (error) {
      if (stop.aborted) break;
      if (!isKnown && isHopeless(error)) throw error;
      await link.failed(error);
    }
  }
  await reportEnded({ ...options, stop: AbortSignal.timeout(GRACE_MS) }).catch(() => {});
  say('stopped');
}

/** True if the service understood the request but will never allow it. */
function isHopeless(error: unknown): boolean {
  return isCode(error, 'unauthorized') || isCode(error, 'forbidden') || isCode(error, 'not-agent-printer');
}

/** Logs when the connection is lost and when it works again. Waits after each failure. */
function openLink({ say, stop }: AgentOptions) {
  let said = '';
  let pauseMs = FIRST_PAUSE_MS;
  return {
    isUp: () => said === UP,
    works(): void {
      if (said !== UP) say(UP);
      said = UP;
      pauseMs = FIRST_PAUSE_MS;
    },
    async failed(error: unknown): Promise<void> {
      const text = messageOf(error);
      // Currently, another process that shares the ledger does the printing. The next request may reach that process.
      const isElsewhere = isCode(error, 'printing-elsewhere');
      if (text !== said) say(`${text}; trying again`);
      said = text;
      await pause(isElsewhere ? FIRST_PAUSE_MS : pauseMs, stop);
      if (!isElsewhere) pauseMs = Math.min(pauseMs * 2, MAX_PAUSE_MS);
    },
  };
}

/** Records that the outcome of a label is unknown if the agent stopped while it was printing this label. */
async function noteUnfinished({ memory, say }: AgentOptions): Promise<void> {
  for (const { claim, outcome } of memory.claims()) {
    if (outcome !== undefined) continue;
    say('the print agent stopped while it was printing a label: check the printer');
    await memory.end(claim, { state: 'unknown', reason: 'the print agent stopped while it was printing the label' });
  }
}

/** Reports the outcomes that the agent has not reported successfully yet. */
async function reportEnded(options: AgentOptions): Promise<void> {
  for (const { claim, outcome } of options.memory.claims()) {
    if (outcome === undefined) continue;
    await report(options, claim, outcome);
    await options.memory.forget(claim);
  }
}

/**
 * Reports what happened to a label. Throws if the report did not reach the service. If the service has already closed
 * the claim, no report is needed.
 */
async function report(options: AgentOptions, claim: string, report: AgentReport): Promise<void> {
  const { client, say } = options;
  const body = { ...nameOf(options), claim, ...report };
  try {
    await client.call('POST /v1/print-agent/report', { body });
  } catch (error) {
    if (!isCode(error, 'print-claim-over')) throw error;
    if (report.state !== 'printing' && report.state !== 'queued')
      say(
        'the service has already closed the print job of this label: check whether the job says what the printer did',
      );
  }
}

function nameOf({ memory: { agent, run }, host }: AgentOptions) {
  return { agent, run, host };
}

async function ask(options: AgentOptions, waitMs: number): Promise<AgentOffer | undefined> {
  const { client, memory, target, say } = options;
  const begun = memory.claims().map(({ claim }) => claim);
  const { offer, printer, format } = await client.call('POST /v1/print-agent/next', {
    body: { ...nameOf(options), takes: target.takes, begun, waitMs },
  });
  if ((format === 'pdf') !== (target.takes === 'pdf') && waitMs === 0)
    say(
      `${target.place} takes ${target.takes.toUpperCase()}, and printer ${printer} is set to ${format.toUpperCase()}`,
    );
  return offer;
}

/** Prints a label. The caller then reports the outcome. */
async function printLabel(options: AgentOptions, offer: AgentOffer): Promise<void> {
  const { memory, say } = options;
  const outcome = await printOnce(options, offer);
  await memory.end(offer.claim, outcome);
  say(`${offer.name}: ${said(outcome)}`);
}

async function printOnce(options: AgentOptions, offer: AgentOffer): Promise<Outcome> {
  const { client, memory, target, say, stop } = options;
  const { claim } = offer;
  const job = { ...offer, bytes: new Uint8Array() };
  const halt = new AbortController();
  const onStop = (): void => void setTimeout(() => halt.abort(), GRACE_MS).unref();
  stop.addEventListener('abort', onStop);
  const beat = openBeat(options, claim);
  const onSending = async (): Promise<void> => {
    const taken = await client.call('POST /v1/print-agent/take', { body: { ...nameOf(options), claim } });
    await memory.begin(claim);
    job.bytes = Buffer.from(taken.bytes, 'base64');
    beat.start(taken.silentMs);
  };
  const onAccepted = (stopped?: Stop): void => {
    if (stopped !== undefined) say(`${offer.name}: ${stopped.said}`);
    beat.note(stopped);
  };
  try {
    const way = { places: ANY_PLACE, hooks: { onSending, onAccepted, isWary: false }, signal: halt.signal };
    return await attemptOnce(way, (attempt) => target.send(job, attempt));
  } finally {
    stop.removeEventListener('abort', onStop);
    beat.end();
  }
}

/**
 * While the label is being printed, reports this to the service every few seconds. If the printer stops, reports that
 * to the service immediately.
 */
function openBeat(options: AgentOptions, claim: string) {
  let stopped: Stop | undefined;
  let timer: NodeJS.Timeout | undefined;
  const tell = (): void => {
    // A lost message does no harm: the next message follows soon, and the report of the outcome is repeated until it
    // arrives.
    void report(options, claim, { state: 'printing', ...(stopped && { stopped }) }).catch(() => {});
  };
  return {
    start(silentMs: number): void {
      timer = setInterval(tell, Math.min(BEAT_MS, silentMs / 3));
    },
    note(now: Stop | undefined): void {
      const isNews = now?.said !== stopped?.said;
      stopped = now;
      if (isNews && timer !== undefined) tell();
    },
    end: (): void => clearInterval(timer),
  };
}

function said(outcome: Outcome): string {
  switch (outcome.state) {
    case 'done':
      return 'the printer reported it as printed';
    case 'sent':
      return 'sent to the printer';
    case 'queued':
      return `not printed, still waiting: ${outcome.reason}`;
    case 'failed':
    case 'unknown':
      return `${outcome.state}: ${outcome.reason}`;
  }
}
