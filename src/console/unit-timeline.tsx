import { roleWord } from './verdict-words.ts';
import type { Answer } from '../http/client.ts';
import { isKey, own } from '../platform/own.ts';
import { sentenceOf, textOf } from './event-sentences.ts';
import { COMMON } from '../../words/console/common.ts';
import { TIMELINE, type TimelineWord } from '../../words/console/timeline.ts';
import { ActorNote, actorSaid } from './actors.tsx';
import { Icon, type DeskIcon } from './icons.tsx';
import type { PageContext } from './pages.tsx';

/*
 * The history of a unit as sentences. The events of a print job form one entry, which can be expanded to show its
 * steps.
 */

type Event = Answer<'GET /v1/units/{uci}/events'>['events'][number];
type History = Answer<'GET /v1/units/{uci}'>;

interface Entry {
  /** The events of the entry, oldest first. Only an entry for a print job has more than one event. */
  events: [Event, ...Event[]];
  words: string;
  note?: string | undefined;
  tone: 'good' | 'bad' | 'plain';
  icon: DeskIcon;
}

interface Props {
  page: PageContext;
  unit: Pick<History, 'uci' | 'workOrder' | 'signedOff'>;
  events: Event[];
}

export function Timeline({ page, unit, events: own }: Props) {
  const { language } = page;
  const events = [...own, ...signedOffIn(unit)].toSorted((a, b) => a.seq - b.seq);
  const day = new Intl.DateTimeFormat(language, { dateStyle: 'full' });
  const time = new Intl.DateTimeFormat(language, { timeStyle: 'medium', hourCycle: 'h23' });
  let shown = '';
  return (
    <>
      {byDay(entriesOf(page, events), day).map(([date, entries]) => {
        const head = date === shown ? null : <h3 class="time-day">{date}</h3>;
        shown = date;
        return (
          <>
            {head}
            <ol class="timeline">
              {entries.map((entry) => (
                <Row page={page} entry={entry} time={time} />
              ))}
            </ol>
          </>
        );
      })}
      <div class="card-body">
        <ActorNote page={page} actors={events.map(({ actor }) => actor)} />
      </div>
    </>
  );
}

/** Returns what the event that closed the work order says about this unit. */
function signedOffIn({ uci, workOrder = '', signedOff }: Props['unit']): Event[] {
  if (signedOff === undefined) return [];
  const { seq, at, by, reason } = signedOff;
  return [{ seq, at, type: 'signed-off', uci, actor: by, data: { reason, order: workOrder } }];
}

function byDay(entries: Entry[], day: Intl.DateTimeFormat): [string, Entry[]][] {
  const days: [string, Entry[]][] = [];
  for (const entry of entries) {
    const date = day.format(new Date(entry.events[0].at));
    const last = days.at(-1);
    if (last?.[0] === date) last[1].push(entry);
    else days.push([date, [entry]]);
  }
  return days;
}

function Row({ page, entry, time }: { page: PageContext; entry: Entry; time: Intl.DateTimeFormat }) {
  const { say } = page;
  const { events, words, note, tone, icon } = entry;
  const [first] = events;
  return (
    <li {...(tone === 'plain' ? {} : { class: `is-${tone}` })}>
      <time datetime={new Date(first.at).toISOString()}>{time.format(new Date(first.at))}</time>
      <span class="dot">
        <Icon name={icon} />
      </span>
      <div class="said">
        <p>
          <b>{words}</b>
        </p>
        {note === undefined ? null : <p>{note}</p>}
        <p class="who">{whoSaid(page, first)}</p>
        <details>
          <summary>
            {events.length === 1
              ? say(TIMELINE, 'event', { seq: first.seq })
              : say(TIMELINE, 'jobSteps', { count: events.length, seqs: events.map(({ seq }) => seq).join(', ') })}
          </summary>
          <ol>
            {events.map((event) => (
              <li>
                {events.length === 1
                  ? null
                  : `${event.seq} · ${time.format(new Date(event.at))} ${stepSaid(page, event)}`}
                <code class="event">{JSON.stringify(event)}</code>
              </li>
            ))}
          </ol>
        </details>
      </div>
    </li>
  );
}

/** Returns who caused the event, and where. */
function whoSaid({ say }: PageContext, { actor, station }: Event): string {
  const who = actorSaid({ say }, actor);
  return station === undefined ? who : say(TIMELINE, 'by', { who, station });
}

function stepSaid({ say }: PageContext, { type, data }: Event): string {
  const state = textOf(data, 'state');
  const reason = textOf(data, 'reason');
  const words = isKey(COMMON.en, type) ? say(COMMON, type) : type;
  return [words, ...(state === undefined ? [] : [state]), ...(reason === undefined ? [] : [reason])].join(', ');
}

/** Returns one entry for each event. All events of a print job share one entry. */
function entriesOf(page: PageContext, events: Event[]): Entry[] {
  const jobs = new Map<number, [Event, ...Event[]]>();
  const groups: [Event, ...Event[]][] = [];
  for (const event of events) {
    const job = event.type === 'print-queued' ? event.seq : event.data['job'];
    const known = typeof job === 'number' ? jobs.get(job) : undefined;
    if (known !== undefined) {
      known.push(event);
      continue;
    }
    const group: [Event, ...Event[]] = [event];
    groups.push(group);
    if (typeof job === 'number') jobs.set(job, group);
  }
  const scanned = events.filter(({ type }) => type === 'verified').map(({ seq }) => seq);
  return groups.map((group) => (JOB_EVENTS.has(group[0].type) ? jobEntry(page, group, scanned) : entryOf(page, group)));
}

const JOB_EVENTS = new Set(['print-queued', 'print-moved', 'printed']);

/** The sentence and the look of an entry, for each state of a print job. */
const OF_STATE = {
  queued: ['job.queued', 'plain'],
  sending: ['job.queued', 'plain'],
  sent: ['job.sent', 'plain'],
  done: ['job.done', 'plain'],
  failed: ['job.failed', 'bad'],
  unknown: ['job.unknown', 'bad'],
  cancelled: ['job.cancelled', 'plain'],
} as const satisfies Record<string, [TimelineWord, Entry['tone']]>;

function jobEntry({ say }: PageContext, events: [Event, ...Event[]], scanned: readonly number[]): Entry {
  const last = events.at(-1) ?? events[0];
  const state = last.type === 'printed' ? 'done' : (textOf(last.data, 'state') ?? 'queued');
  const [key, tone] = isKey(OF_STATE, state) ? OF_STATE[state] : OF_STATE.queued;
  const { data } = events[0];
  const [first, copies] = [Number(data['firstCopy'] ?? 1), Number(data['copies'] ?? 1)];
  const counted = say(TIMELINE, copies > 1 ? 'copies' : 'copy', { first, last: first + copies - 1 });
  const role = textOf(data, 'role');
  const words = say(TIMELINE, key, {
    printer: textOf(data, 'printer') ?? '',
    copies: `${role === undefined ? '' : `${roleWord(say, role)}, `}${counted}`,
    reason: textOf(last.data, 'reason') ?? '',
  });
  const again = textOf(data, 'reprint');
  // Some printers report that a label is printed only after a person has taken and scanned it.
  const isLate = scanned.some((seq) => seq > events[0].seq && seq < last.seq);
  const notes = [
    ...(again === undefined ? [] : [say(TIMELINE, 'job.again', { reason: again })]),
    ...(isLate ? [say(TIMELINE, 'job.late', { seq: last.seq })] : []),
  ];
  const note = notes.length === 0 ? undefined : notes.join(' ');
  return { events, words, note, tone, icon: 'printing' };
}

const ICONS: Record<string, DeskIcon> = {
  issued: 'tag',
  reserved: 'tag',
  verified: 'check',
  registered: 'cloud',
  reported: 'cloud',
  'registration-failed': 'cloud',
};

const GOOD = new Set(['verified', 'registered', 'shipped', 'sample-released']);
const BAD = new Set(['verify-failed', 'registration-failed', 'ship-stopped', 'link-contradicted', 'void', 'scrapped']);

function entryOf(page: PageContext, events: [Event, ...Event[]]): Entry {
  const [event] = events;
  const { type, data } = event;
  const failedTest = type === 'tested' && data['outcome'] !== 'passed';
  const isBad = BAD.has(type) || failedTest || textOf(data, 'alarm') !== undefined;
  return {
    events,
    words: sentenceOf(page, event),
    note: textOf(data, 'note') ?? textOf(data, 'detail'),
    tone: isBad ? 'bad' : GOOD.has(type) ? 'good' : 'plain',
    icon: own(ICONS, type) ?? (isBad ? 'cross' : 'again'),
  };
}
