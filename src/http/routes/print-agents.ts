import { z } from 'zod';
import { formatOf, type Format } from '../../model/printer.ts';
import { TROUBLES } from '../../model/printing/sending.ts';
import type { AgentCaller } from '../../contract/printing.ts';
import { refusal } from '../../platform/error.ts';
import { makerOf, type Principal } from '../auth.ts';
import { unlessLeft } from '../client-gone.ts';
import type { Declarations, On } from '../operation.ts';
import { present } from '../read-body.ts';
import { PrinterParams, shownTime, Time } from '../schemas.ts';
import { drawSecret, secretHash } from '../secret.ts';
import type { Services } from '../services.ts';
import { End } from './station-keys.ts';

/** The prefix lets people and programs recognize a print agent's token in a repository or a log. */
const PREFIX = 'csp_';

/**
 * The maximum number of labels that an agent can report as begun in one request. An agent prints one label at a time.
 */
const MAX_BEGUN = 16;

/** The longest wait. Proxies and Node close connections that are silent for 30 s or longer. */
const MAX_WAIT_MS = 20_000;

/** The maximum length of a reason. The queue stores 500 characters. */
const MAX_REASON = 500;

const Agent = z.strictObject({
  agent: z
    .string()
    .regex(/^[A-Za-z0-9_-]{16,64}$/, 'must be 16 to 64 letters, digits, "_" or "-"')
    .meta({ description: 'A random name that the agent keeps. After a restart, the agent sends the same name' }),
  run: z.int().min(1).meta({ description: 'Counts how often the agent has started' }),
  host: z.string().min(1).max(255).overwrite(plain).meta({ description: 'Name of the PC' }),
});
const ClaimId = z.uuid().meta({ description: 'ID of this attempt to print the label' });

const Question = Agent.extend({
  takes: z
    .enum(['pdf', 'zpl'])
    .meta({ description: '`pdf`: the printer at the PC takes PDF. `zpl`: it takes the commands of a label printer' }),
  waitMs: z
    .int()
    .min(0)
    .max(MAX_WAIT_MS)
    .default(MAX_WAIT_MS)
    .meta({ description: 'The longest time to wait for a label', 'x-unit': 'ms' }),
  begun: z
    .array(ClaimId)
    .max(MAX_BEGUN)
    .default([])
    .meta({ description: 'IDs of the attempts that the agent has begun and not yet reported' }),
});

const said = z.string().min(1).max(MAX_REASON).overwrite(plain);
const what = z.enum(TROUBLES);
const about = Agent.extend({ claim: ClaimId });
const Report = z.discriminatedUnion('state', [
  about.extend({ state: z.literal('printing'), stopped: z.strictObject({ what, said }).optional() }),
  about.extend({ state: z.literal('queued'), what, reason: said }),
  about.extend({ state: z.enum(['sent', 'done']) }),
  about.extend({ state: z.literal('failed'), reason: said, mayHaveLeft: z.boolean() }),
  about.extend({ state: z.literal('unknown'), reason: said }),
]);

const token = { tag: 'access', may: 'access:write', confirmed: true, params: PrinterParams } as const;
const agent = { tag: 'printing', may: 'print-agent' } as const;

const EXAMPLE = { agent: 'pAvWsR2z0Xk5mQ8t', run: 1, host: 'PC-7' };
const CLAIM = '6f1b3f0e-5d0e-4a9c-9d5b-0c6d7a1f2e3b';

export const printAgentOperations = {
  'POST /v1/printers/{name}/token': {
    ...token,
    summary: "Make a token for a printer's print agent. The token is shown only once",
    description:
      "The token allows only the printing of this printer's labels. A new token immediately replaces the previous one.",
    body: z.strictObject({
      expiresAt: End.optional().meta({
        description:
          "The time when the token expires. By default, the token never expires. Required if the caller's token expires",
      }),
    }),
    example: {},
    status: 201,
    answer: z.object({ printer: z.string(), token: z.string(), expiresAt: Time.optional() }),
    refusals: ['not-found', 'not-agent-printer', 'beyond-own-rights'],
  },
  'DELETE /v1/printers/{name}/token': {
    ...token,
    summary: "Withdraw the token of a printer's print agent immediately",
    answer: z.object({ printer: z.string() }),
    refusals: ['not-found'],
  },
  'POST /v1/print-agent/next': {
    ...agent,
    summary: 'Wait for a label',
    description:
      'For print agents (`claimstamp print-agent`). Waits up to `waitMs` for a label. `offer` names a waiting label. The agent checks its printer. The agent then takes the label, or reports why its printer cannot take one (`queued`). Only one agent serves a printer: another agent gets 409 until the first one has been silent for 45 seconds.',
    body: Question,
    example: { ...EXAMPLE, takes: 'zpl' },
    answer: z.object({
      printer: z.string(),
      format: z.enum(['pdf', 'zpl', 'tspl']),
      offer: z
        .object({
          claim: z.string(),
          id: z.string(),
          name: z.string(),
          format: z.enum(['pdf', 'zpl', 'tspl']),
          copies: z.int(),
          labels: z.int().optional(),
        })
        .optional(),
    }),
    refusals: ['not-agent-printer', 'other-print-agent', 'printing-elsewhere'],
  },
  'POST /v1/print-agent/take': {
    ...agent,
    summary: 'Take a label',
    description:
      'Before the answer is sent, the ledger records that the label is being sent. A label can be taken only once.',
    body: about,
    example: { ...EXAMPLE, claim: CLAIM },
    answer: z.object({
      bytes: z.base64().meta({ description: 'The label, in the format of the offer' }),
      silentMs: z.int().meta({
        description: 'If the agent is silent for longer than this, the label becomes `unknown`',
        'x-unit': 'ms',
      }),
    }),
    refusals: ['not-agent-printer', 'other-print-agent', 'print-claim-over', 'printing-elsewhere'],
  },
  'POST /v1/print-agent/report': {
    ...agent,
    summary: 'Report what happened to a label',
    description:
      '`queued`: the printer received none of it. `printing`: the agent is still printing it; if the agent is silent for too long, the label becomes `unknown`. All other states end the print job.',
    body: Report,
    example: { ...EXAMPLE, claim: CLAIM, state: 'sent' },
    answer: z.object({ claim: z.string() }),
    refusals: ['not-agent-printer', 'other-print-agent', 'print-claim-over', 'printing-elsewhere'],
  },
} satisfies Declarations;

/** Operations for print agents on the stations' PCs, and for their tokens. */
export function printAgentRoutes(on: On, services: Services): void {
  tokenRoutes(on, services);
  const { hub, printing, stopping } = services;
  on(printAgentOperations, 'POST /v1/print-agent/next', async ({ c, who, body, stillAllowed }) => {
    const { printer, format } = await agentPrinter(services, who);
    const { takes, begun, waitMs, ...asking } = body;
    const stopped = new AbortController();
    const end = (): void => stopped.abort();
    const forget = hub.onClose(end);
    if (stopping()) end();
    try {
      const offer = await unlessLeft(c, stillAllowed, (left) =>
        printing.agents.next(
          { printer, credential: who.credential, ...asking },
          { takes, begun, waitMs },
          AbortSignal.any([left, stopped.signal]),
        ),
      );
      return { printer, format, ...present({ offer }) };
    } finally {
      forget();
    }
  });
  on(printAgentOperations, 'POST /v1/print-agent/take', async ({ who, body: { claim, ...asking } }) => {
    const { bytes, silentMs } = await printing.agents.take(await callerOf(services, who, asking), claim);
    return { bytes: Buffer.from(bytes).toString('base64'), silentMs };
  });
  on(printAgentOperations, 'POST /v1/print-agent/report', async ({ who, body }) => {
    const { agent: name, run, host, claim, ...report } = body;
    printing.agents.report(await callerOf(services, who, { agent: name, run, host }), claim, present(report));
    return { claim };
  });
}

function tokenRoutes(on: On, { ledger }: Services): void {
  on(printAgentOperations, 'POST /v1/printers/{name}/token', async ({ params, body, who }) => {
    const secret = PREFIX + drawSecret();
    const expiresAt = body.expiresAt === undefined ? undefined : Date.parse(body.expiresAt);
    const set = { kind: 'set-printer-token', printer: params.name, hash: secretHash(secret), ...makerOf(who) } as const;
    const { printer } = await ledger.record({ ...set, ...present({ expiresAt }) });
    return { printer, token: secret, ...present({ expiresAt: shownTime(expiresAt) }) };
  });
  on(printAgentOperations, 'DELETE /v1/printers/{name}/token', async ({ params, who }) =>
    ledger.record({ kind: 'set-printer-token', printer: params.name, actor: who.actor }),
  );
}

/**
 * Returns the printer that the token belongs to. Someone may have changed the kind of the printer since the token was
 * made.
 */
async function agentPrinter({ ledger }: Services, who: Principal): Promise<{ printer: string; format: Format }> {
  const { printer: name = '' } = who;
  const printer = await ledger.printer(name);
  if (printer?.kind !== 'agent') throw refusal('not-agent-printer', 'kind', { printer: name });
  return { printer: name, format: formatOf(printer) };
}

async function callerOf(
  services: Services,
  who: Principal,
  asking: Pick<AgentCaller, 'agent' | 'run' | 'host'>,
): Promise<AgentCaller> {
  const { printer } = await agentPrinter(services, who);
  return { printer, credential: who.credential, ...asking };
}

/** Converts an agent's text to a single line, because it is shown on screens and in the log. */
function plain(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}]/gu, ' ').trim();
}
