import { z } from 'zod';
import { DRILL_OUTCOMES, DRILLS, type DrillKind } from '../../model/event-data.ts';
import { readEvent } from '../../model/event-check.ts';
import type { Declarations, On } from '../operation.ts';
import { present } from '../read-body.ts';
import { Before, Limit, Next, shownTime, Time } from '../schemas.ts';
import type { Services } from '../services.ts';

/** The longest duration of a drill. A drill ends on the day on which it begins. */
const MAX_SECONDS = 24 * 60 * 60;

const Held = z.strictObject({
  drill: z.enum(DRILLS).meta({ description: 'What failed in the drill' }),
  outcome: z.enum(DRILL_OUTCOMES),
  seconds: z
    .int()
    .min(0)
    .max(MAX_SECONDS)
    .meta({ description: 'The time from the failure until production could continue' }),
  people: z.string().min(1).max(200).optional().meta({ description: 'Who took part' }),
  note: z.string().min(1).max(500).optional().meta({ description: 'What went wrong, and what will be changed' }),
});

const Drill = Held.extend({ at: Time, actor: z.string(), seq: z.int() }).meta({
  id: 'Drill',
  description: 'A drill, as the ledger recorded it',
});

const of = { tag: 'service', may: 'drills:record' } as const;

export const drillOperations = {
  'GET /v1/drills': {
    ...of,
    summary: 'All recorded drills, newest first, and the last drill of each kind',
    description: 'To get a file, use `GET /v1/ledger.csv?of=events&type=drill-held`.',
    query: z.strictObject({
      before: Before,
      limit: Limit.default(100),
    }),
    answer: z.object({
      last: z.object({ server: Drill.optional(), printer: Drill.optional(), network: Drill.optional() }),
      drills: z.array(Drill),
      next: Next.meta({ description: '`before` of the next page; null after the last' }),
    }),
  },
  'POST /v1/drills': {
    ...of,
    summary: 'Record a drill that was held',
    body: Held,
    example: { drill: 'server', outcome: 'passed', seconds: 540, people: 'Ann, Lin' },
    status: 201,
    answer: z.object({ at: Time }),
  },
} satisfies Declarations;

/** How many of the newest drills are searched for the last drill of each kind. Older drills no longer count. */
const SEARCHED = 1000;

export function drillRoutes(on: On, { ledger }: Services): void {
  on(drillOperations, 'GET /v1/drills', async ({ query: { before, limit } }) => {
    const page = async (from: number, most: number) =>
      (await ledger.accessEvents({ before: from, limit: most, type: 'drill-held' })).flatMap(shownDrill);
    const found = await page(before, limit + 1);
    const drills = found.slice(0, limit);
    const newest = await page(Number.MAX_SAFE_INTEGER, SEARCHED);
    const last = (kind: DrillKind) => newest.find(({ drill }) => drill === kind);
    return {
      last: present({ server: last('server'), printer: last('printer'), network: last('network') }),
      drills,
      next: found.length > limit ? (drills.at(-1)?.seq ?? null) : null,
    };
  });
  on(drillOperations, 'POST /v1/drills', async ({ body, who }) => {
    const { at } = await ledger.record({ kind: 'note-drill', ...present(body), actor: who.actor });
    return { at: shownTime(at) };
  });
}

function shownDrill(line: string): z.input<typeof Drill>[] {
  const { seq, at, type, actor, data } = readEvent(line);
  return type === 'drill-held' ? [{ ...data, seq, actor, at: shownTime(at) }] : [];
}
