import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { once } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import { layOut } from '../../src/label/layout.ts';
import { loadTemplate, templateNames } from '../../src/label/template.ts';
import { toZpl } from '../../src/label/zpl.ts';
import { Printer } from '../../src/model/printer.ts';
import type { Hooks, Outcome, Stop } from '../../src/model/printing/sending.ts';
import {
  openZebra,
  type PrintedLabel,
  type Trouble,
  type Zebra,
  type ZebraOptions,
} from '../../src/simulate/zebra/zebra.ts';
import { expectCodes, TYPICAL } from '../support/label-files.ts';
import { job, send } from '../support/print-jobs.ts';

const open: Zebra[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((zebra) => zebra.close()));
});

async function zebraWith(options: Partial<ZebraOptions> = {}): Promise<Zebra> {
  const zebra = await openZebra(options);
  open.push(zebra);
  return zebra;
}

const ONE = '^XA^JZN^FO10,10^GB50,50,5^FS^PQ1^XZ';
const THREE = ONE.replace('^PQ1', '^PQ3');

async function sendTo(zebra: Zebra, zpl: string, hooks: Partial<Hooks> = {}): Promise<Outcome> {
  const printer = Printer.parse({ name: 'zebra', kind: 'raw9100', host: '127.0.0.1', port: zebra.port, answers: true });
  return send(printer, job('zpl', zpl), { onSending: () => {}, ...hooks }, new AbortController().signal);
}

/** Troubles that come while the first labels print. */
const troubles =
  (...all: Trouble[]) =>
  (): Trouble | undefined =>
    all.shift();

describe('a Zebra that answers', () => {
  it('says itself that the labels are printed, over one connection', async () => {
    const zebra = await zebraWith({ labelMs: 20 });
    expect(await sendTo(zebra, THREE)).toEqual({ state: 'done' });
    expect(zebra.labels).toHaveLength(3);
    expect(zebra.connections()).toBe(1);
  });

  it.for([
    ['paperOut', 'noLabels', 'it has no labels'],
    ['open', 'open', 'its head is open'],
    ['pause', 'paused', 'it is paused'],
    ['jam', 'stopped', 'it reports an error (~HQES 0000000000002000)'],
  ] as const)('gets no job while it has stopped (%s), and says why', async ([trouble, what, said]) => {
    const zebra = await zebraWith();
    zebra.happens(trouble);
    let sending = 0;
    const outcome = await sendTo(zebra, ONE, { onSending: () => void sending++ });
    expect(outcome).toMatchObject({ state: 'queued', what, reason: expect.stringContaining(said) as string });
    expect(sending).toBe(0);
    zebra.help();
    await zebra.idle();
    expect(zebra.labels).toHaveLength(0);
  });

  it.for(['paperOut', 'pause'] as const)('that stops while it prints (%s) is followed to the end', async (trouble) => {
    const zebra = await zebraWith({ trouble: troubles(trouble) });
    const said: (Stop | undefined)[] = [];
    const onAccepted = (stop?: Stop): void => {
      said.push(stop);
      if (stop) zebra.help();
    };
    expect(await sendTo(zebra, THREE, { onAccepted })).toEqual({ state: 'done' });
    expect(said.find(Boolean)?.what).toBe(trouble === 'pause' ? 'paused' : 'noLabels');
    expect(zebra.labels).toHaveLength(3);
  });

  it.for(['jam', 'open'] as const)('that spoils a label (%s) counts too few: failed, and told', async (trouble) => {
    const zebra = await zebraWith({ trouble: troubles(trouble) });
    const outcome = await sendTo(zebra, THREE, { onAccepted: (stop) => stop && zebra.help() });
    expect(outcome).toMatchObject({
      state: 'failed',
      mayHaveLeft: true,
      reason: expect.stringContaining('counted only 2 of 3 labels') as string,
    });
    expect([zebra.labels.length, zebra.spoiled.length]).toEqual([2, 1]);
  });

  it('that is switched off while it prints: unknown', async () => {
    const zebra = await zebraWith({ trouble: troubles('reboot') });
    expect(await sendTo(zebra, ONE)).toMatchObject({ state: 'unknown' });
    expect(zebra.labels).toHaveLength(0);
  });

  it('that still prints labels of another program is sent nothing', async () => {
    const zebra = await zebraWith({ labelMs: 60_000 });
    const other = connect(zebra.port, '127.0.0.1').end(ONE);
    await once(other, 'close');
    expect(await sendTo(zebra, ONE)).toMatchObject({ state: 'queued', what: 'refuses' });
  });

  it('and one that does not answer after all gets its label as before: sent', async () => {
    const zebra = await zebraWith({ answers: 'silent' });
    expect(await sendTo(zebra, ONE)).toEqual({ state: 'sent' });
    await zebra.idle();
    expect(zebra.labels).toHaveLength(1);
  });
});

interface State {
  command: string;
  sent: string;
}
/** What other programs leave on a printer. Not ours to end: a paused printer, and another language. */
const { states }: { states: State[] } = JSON.parse(
  readFileSync(new URL('../fixtures/zpl-state.json', import.meta.url), 'utf8'),
);
const OURS = states.filter(({ command }) => !['~PP', '(another language)'].includes(command));
/** Each of these changes how all that follows is read. */
const isSign = ({ command }: State): boolean => /^(\^CC|\^CD|~CT|\(a job)/.test(command);
const TOGETHER = {
  command: 'all others',
  sent: OURS.filter((one) => !isSign(one))
    .map(({ sent }) => sent)
    .join(''),
};

async function printedAfter(sent: string, zpl: string, dpi: ZebraOptions['dpi']): Promise<PrintedLabel | undefined> {
  const zebra = await zebraWith({ dpi });
  await once(connect(zebra.port, '127.0.0.1').resume().end(sent), 'close');
  await zebra.idle();
  const others = zebra.labels.length;
  expect(await sendTo(zebra, zpl), sent).toEqual({ state: 'done' });
  expect(zebra.labels).toHaveLength(others + 1);
  return zebra.labels.at(-1);
}

const LABEL_62 = layOut(loadTemplate('device-62x40'), TYPICAL);

it.each(OURS)('a label after $command is the label of a new printer', async ({ sent }) => {
  const zpl = await toZpl(LABEL_62);
  const right = await printedAfter('', zpl, 203);
  expect(settled((await printedAfter(sent, zpl, 203))?.description)).toEqual(settled(right?.description));
});

/** The description without the values that the label names again in each field. */
function settled(description = ''): unknown {
  const [drawing, below, width, height] = JSON.parse(description) as [{ state: object }, unknown, number, number];
  return { ...drawing, state: { ...drawing.state, orientation: 'N', isRightAligned: false }, below, width, height };
}

it.each(templateNames())('%s is read as it should be, whatever a neighbour left', async (name) => {
  const layout = layOut(loadTemplate(name), TYPICAL);
  const zpl = await toZpl(layout);
  const dpi = layout.dpi as ZebraOptions['dpi'];
  const right = await printedAfter('', zpl, dpi);
  const png = (await right?.draw()) ?? Buffer.alloc(0);
  await expectCodes(png, layout);
  const hostile = await printedAfter(TOGETHER.sent, zpl, dpi);
  expect((await hostile?.draw())?.equals(png)).toBe(true);
  for (const { sent } of OURS.filter(isSign))
    expect(settled((await printedAfter(sent, zpl, dpi))?.description), sent).toEqual(settled(right?.description));
});
