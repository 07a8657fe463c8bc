import { randomUUID } from 'node:crypto';
import type { AgentCaller, AgentHello, AgentReport, PrintAgents, TakenLabel } from '../contract/printing.ts';
import type { AgentPrinter, Format } from '../model/printer.ts';
import type { Attempt, Job, Outcome } from '../model/printing/sending.ts';
import { refusal } from '../platform/error.ts';
import { openMailbox, type Mailbox } from './mailbox.ts';
import { seconds, within } from './socket.ts';

/*
 * Printers on a station's PC. A print agent on this PC asks for labels, so all connections start from the PC. Each
 * attempt to print a label is a claim with its own ID:
 *
 *   offered:  the agent knows that there is a label, and checks its printer. No byte was sent to the agent.
 *   taken:    `sending` is on disk, and the agent has the bytes. Only the agent knows what it printed.
 *   ended:    the agent reported the outcome, or reported that it never began, or was silent too long (`unknown`).
 *
 * An agent takes a label by naming the ID of its claim, and each claim can be taken only once. If a label is returned
 * to the queue, it gets a new claim. An agent remembers the claims that it has begun, so it cannot print a label twice.
 */

/**
 * How long, in ms, an agent must have been silent before an agent on another PC may take over. A running agent asks for
 * labels every 20 seconds, so it is never silent this long.
 */
const SEAT_MS = 45_000;

/**
 * The time limit, in ms, for an agent to check its printer. An agent tries for about five seconds to reach the printer.
 */
const LOOK_MS = 15_000;

export interface AgentChannel extends PrintAgents {
  send: (printer: AgentPrinter, job: Job, attempt: Attempt) => Promise<Outcome>;
  /** After this call, this process offers labels to print agents. */
  open: () => void;
  /** After this call, this process no longer offers labels. Waiting requests are answered at once. */
  shut: () => void;
}

type Message =
  | { what: 'offered'; to: AgentCaller & AgentHello }
  /** The agent has begun to print the label. */
  | { what: 'begun' }
  /** The agent was restarted before it began to print the label. */
  | { what: 'lost' }
  | { what: 'take'; run: number; answer: (label: TakenLabel) => void; refuse: (error: unknown) => void }
  | { what: 'report'; report: AgentReport };

interface Claim {
  id: string;
  job: Job;
  /** Identifies the run of the agent that took the claim. */
  takenBy?: number;
  mailbox: Mailbox<Message>;
}

interface Desk {
  agent?: AgentCaller & AgentHello & { heardAt: number };
  claim?: Claim;
  /** Wakes the request that is waiting for a label. */
  wake: () => void;
  /** Resolves when the last waiting label is done. */
  line: Promise<void>;
}

export function openAgentChannel(clock: () => number = () => performance.now()): AgentChannel {
  const desks = new Map<string, Desk>();
  let isOpen = false;

  const deskOf = (printer: string): Desk => {
    const desk = desks.get(printer) ?? { wake: () => {}, line: Promise.resolve() };
    desks.set(printer, desk);
    return desk;
  };

  /** Returns the printer's desk. Throws if another agent serves the printer, or if this process does not print. */
  const admit = (caller: AgentCaller): Desk => {
    if (!isOpen) throw refusal('printing-elsewhere', 'later');
    const desk = deskOf(caller.printer);
    const { agent } = desk;
    if (agent === undefined || agent.agent === caller.agent) return desk;
    const isThere = clock() - agent.heardAt < SEAT_MS || desk.claim?.takenBy !== undefined;
    if (isThere && agent.credential === caller.credential)
      throw refusal('other-print-agent', 'stop', { printer: caller.printer, host: agent.host });
    return desk;
  };

  /** Returns the claim if it still belongs to the agent. */
  const claimOf = (caller: AgentCaller, id: string): Claim => {
    const desk = admit(caller);
    if (desk.agent?.agent === caller.agent) desk.agent.heardAt = clock();
    if (desk.claim?.id !== id || desk.agent?.agent !== caller.agent) throw refusal('print-claim-over', 'drop');
    return desk.claim;
  };

  return {
    open: () => void (isOpen = true),
    shut() {
      isOpen = false;
      for (const desk of desks.values()) desk.wake();
    },
    async next(caller, hello, signal) {
      const desk = admit(caller);
      // The agent may have been restarted while an earlier request of the agent was still waiting.
      desk.wake();
      // Only a later run of the same agent can say what happened to the label. Another agent does not know whether
      // the label was printed.
      const knows = desk.agent?.agent === caller.agent && caller.run > (desk.claim?.takenBy ?? Infinity);
      if (knows && desk.claim) desk.claim.mailbox.put({ what: hello.begun.includes(desk.claim.id) ? 'begun' : 'lost' });
      desk.agent = { ...caller, ...hello, heardAt: clock() };
      if (desk.claim === undefined || desk.claim.takenBy !== undefined) await woken(desk, hello.waitMs, signal);
      if (signal.aborted || desk.claim === undefined || desk.claim.takenBy !== undefined) return undefined;
      desk.claim.mailbox.put({ what: 'offered', to: { ...caller, ...hello } });
      const { bytes: _bytes, ...job } = desk.claim.job;
      return { ...job, claim: desk.claim.id };
    },
    take(caller, id) {
      const claim = claimOf(caller, id);
      if (claim.takenBy !== undefined) throw refusal('print-claim-over', 'drop');
      return new Promise((answer, refuse) => claim.mailbox.put({ what: 'take', run: caller.run, answer, refuse }));
    },
    report(caller, id, report) {
      claimOf(caller, id).mailbox.put({ what: 'report', report });
    },
    send: (printer, job, attempt) => handOver(deskOf(printer.name), printer, job, attempt),
  };
}

async function handOver(desk: Desk, printer: AgentPrinter, job: Job, attempt: Attempt): Promise<Outcome> {
  const leave = await enter(desk, printer, attempt);
  const claim: Claim = { id: randomUUID(), job, mailbox: openMailbox() };
  desk.claim = claim;
  desk.wake();
  try {
    return (await untilTaken(desk, claim, printer, attempt)) ?? (await untilEnded(claim, printer, attempt));
  } finally {
    delete desk.claim;
    for (const message of claim.mailbox.rest()) refuseTake(message);
    leave();
  }
}

/** Waits until the printer's agent has no other label. Returns a function that lets the next waiting label proceed. */
async function enter(desk: Desk, { connectMs }: AgentPrinter, { signal }: Attempt): Promise<() => void> {
  const before = desk.line;
  let leave = (): void => {};
  desk.line = new Promise<void>((resolve) => (leave = resolve)).then(() => before);
  await within(
    before,
    connectMs,
    'its print agent is printing another label: wait until that label is printed',
    signal,
  ).catch((error: unknown) => {
    leave();
    throw error;
  });
  return leave;
}

/** Resolves when there may be a label, when the request has waited long enough, or when the signal aborts. */
function woken(desk: Desk, waitMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(late);
      signal.removeEventListener('abort', end);
      if (desk.wake === end) desk.wake = () => {};
      resolve();
    };
    const late = setTimeout(end, waitMs);
    signal.addEventListener('abort', end);
    desk.wake = end;
  });
}

/**
 * Waits until the agent has received the label's bytes and `sending` is on disk. Returns an outcome if the label must
 * be queued again. Throws if no agent takes the label.
 */
async function untilTaken(
  desk: Desk,
  claim: Claim,
  { connectMs, silentMs }: AgentPrinter,
  attempt: Attempt,
): Promise<Outcome | undefined> {
  let isOffered = false;
  for (let until = performance.now() + connectMs; ;) {
    const message = await claim.mailbox.get(until - performance.now(), attempt.signal);
    if (message === undefined) throw new Error(absence(desk));
    if (message.what === 'offered') {
      const { takes, host } = message.to;
      if ((takes === 'pdf') !== (claim.job.format === 'pdf'))
        return { state: 'queued', what: 'refuses', reason: otherFormat(host, takes, claim) };
      if (!isOffered) until = performance.now() + LOOK_MS;
      isOffered = true;
    } else if (message.what === 'report' && message.report.state === 'queued') {
      return message.report;
    } else if (message.what === 'take') {
      try {
        await attempt.firstByte();
      } catch (error) {
        refuseTake(message);
        throw error;
      }
      claim.takenBy = message.run;
      message.answer({ bytes: claim.job.bytes, silentMs });
      return undefined;
    }
  }
}

function absence({ agent }: Desk): string {
  const where = agent === undefined ? 'the PC that has the printer' : agent.host;
  return `no print agent is connected: start ${where}, and check that claimstamp print-agent is running there`;
}

function otherFormat(host: string, takes: Format, { job }: Claim): string {
  return `the printer at ${host} takes ${takes.toUpperCase()}, but its setting "format" is ${job.format.toUpperCase()}: change the setting`;
}

/** Waits for the outcome of a label that an agent has taken. Throws if the agent is silent for too long. */
async function untilEnded(claim: Claim, { silentMs }: AgentPrinter, attempt: Attempt): Promise<Outcome> {
  for (;;) {
    const message = await claim.mailbox.get(silentMs, attempt.signal);
    if (attempt.signal.aborted) throw new Error('sending was stopped');
    if (message === undefined)
      throw new Error(`its print agent took the label, and then reported nothing for ${seconds(silentMs)}`);
    if (message.what === 'lost') return { state: 'queued', what: 'notReached', reason: LOST };
    if (message.what === 'take') refuseTake(message);
    if (message.what !== 'report') continue;
    const { report } = message;
    if (report.state !== 'printing') return report;
    attempt.accepted(report.stopped);
  }
}

const LOST = 'its print agent was restarted before it printed the label';

function refuseTake(message: Message): void {
  if (message.what === 'take') message.refuse(refusal('print-claim-over', 'drop'));
}
