import { connect, type Socket } from 'node:net';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { layOut } from '../../src/label/layout.ts';
import { loadTemplate } from '../../src/label/template.ts';
import { toZpl } from '../../src/label/zpl.ts';
import { openZebra, type Zebra, type ZebraOptions } from '../../src/simulate/zebra/zebra.ts';
import { expectCodes, TYPICAL } from '../support/label-files.ts';
import { until } from '../support/until.ts';

/* A printer that is not there must do what the printers on the line do. */

const open: Zebra[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((zebra) => zebra.close()));
});

async function zebraWith(options: Partial<ZebraOptions> = {}): Promise<Zebra> {
  const zebra = await openZebra(options);
  open.push(zebra);
  return zebra;
}

interface Line {
  socket: Socket;
  said: () => string;
}

async function lineTo(zebra: Zebra): Promise<Line> {
  const socket = connect(zebra.port, '127.0.0.1');
  let said = '';
  socket.on('data', (bytes: Buffer) => (said += bytes.toString('latin1')));
  socket.on('error', () => {});
  await once(socket, 'connect');
  return { socket, said: () => said };
}

const layout = layOut(loadTemplate('device-62x40'), TYPICAL, 203);
const label = await toZpl(layout);

describe('a simulated Zebra', () => {
  it('draws what it printed, into its folder too', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'claimstamp-test-'));
    const zebra = await zebraWith({ folder });
    const { socket } = await lineTo(zebra);
    socket.end(await toZpl(layout, 2));
    await until(() => existsSync(join(folder, '0002.png')));
    expect(zebra.labels).toHaveLength(2);
    await expectCodes((await zebra.labels[0]?.draw()) as Buffer, layout);
    await expectCodes(readFileSync(join(folder, '0002.png')), layout);
  });

  it('answers ~HS, ~HQES and its odometer at once, also while a format arrives', async () => {
    const zebra = await zebraWith({ labelMs: 60_000 });
    const { socket, said } = await lineTo(zebra);
    socket.write(`${label}^XA^FO1,1~HS~HQES`);
    await until(() => said().includes('WARNINGS'));
    expect(said()).toContain('\u0002030,0,0,0320,001,0,0,1,000,0,0,0\u0003\r\n');
    expect(said()).toContain('\u0002000,0,0,0,0,2,6,0,00000001,1,000\u0003\r\n');
    expect(said()).toContain('ERRORS:         0 00000000 00000000');
    socket.write('^FS^XZ! U1 getvar "odometer.total_label_count"\r\n! U1 getvar "no.such"\r\n');
    await until(() => said().includes('"?"'));
    expect(said()).toContain('"1000"\r\n');
  });

  it('runs out of paper, and prints on with a new roll', async () => {
    const zebra = await zebraWith({ paper: 1 });
    const { socket, said } = await lineTo(zebra);
    socket.write(label + label);
    await until(() => zebra.labels.length === 1);
    socket.write('~HS');
    await until(() => said().includes('0000,0'));
    expect(said()).toContain('030,1,0,');
    zebra.help();
    await zebra.idle();
    expect(zebra.labels).toHaveLength(2);
  });

  it.each(['jam', 'open'] as const)('%s spoils the label, which is not printed again after ^JZN', async (trouble) => {
    const troubles = [trouble];
    const zebra = await zebraWith({ trouble: () => troubles.pop() });
    const { socket } = await lineTo(zebra);
    socket.write(label);
    await until(() => zebra.spoiled.length === 1);
    zebra.help();
    socket.write(label);
    await until(() => zebra.labels.length === 1);
    await zebra.idle();
    expect([zebra.labels.length, zebra.spoiled.length]).toEqual([1, 1]);
  });

  it('after ^JZY it prints a spoiled label again', async () => {
    const troubles = ['jam' as const];
    const zebra = await zebraWith({ trouble: () => troubles.pop() });
    const { socket } = await lineTo(zebra);
    socket.write('^XA^JZY^FO10,10^GB50,50,5^FS^XZ');
    await until(() => zebra.spoiled.length === 1);
    zebra.help();
    await until(() => zebra.labels.length === 1);
  });

  it('loses its memory and its connections when it is switched off', async () => {
    const zebra = await zebraWith({ labelMs: 60_000 });
    const { socket } = await lineTo(zebra);
    socket.write(label);
    const closed = new Promise((resolve) => socket.once('close', resolve));
    await pauseUntilRead(socket);
    zebra.happens('reboot');
    await closed;
    await zebra.idle();
    expect(zebra.labels).toHaveLength(0);
  });

  it('stops reading when its memory is full', async () => {
    const zebra = await zebraWith({ memory: 2, labelMs: 0 });
    zebra.happens('pause');
    const { socket, said } = await lineTo(zebra);
    for (let n = 0; n < 2; n++) socket.write(label);
    await pauseUntilRead(socket);
    socket.write('~HS');
    zebra.help();
    await until(() => said().includes('0000,0'));
    expect(said()).toContain(',0,0,0,000,0,0,0');
  });

  it('another printer prints ~HS as text, or ignores it', async () => {
    const text = await zebraWith({ answers: 'text' });
    (await lineTo(text)).socket.write('~HS');
    await until(() => text.labels.length === 1);
    const silent = await zebraWith({ answers: 'silent' });
    const { socket, said } = await lineTo(silent);
    socket.end('~HS');
    await once(socket, 'close');
    expect([said(), silent.labels.length]).toEqual(['', 0]);
  });
});

/** The bytes have left this side, and one turn of the loop has read them. */
async function pauseUntilRead(socket: Socket): Promise<void> {
  await until(() => socket.writableLength === 0);
  await new Promise((resolve) => setImmediate(resolve));
  await new Promise((resolve) => setTimeout(resolve, 50));
}

describe('what a neighbour leaves changes a label that does not end it', () => {
  const BARE = `^XA${label.slice(label.indexOf('^PW'))}`;
  it.each([
    ['^XA^POI^XZ'],
    ['^XA^PMY^XZ'],
    ['^XA^MCN^FO0,0^GB300,300,300^FS^XZ'],
    ['^XA^LT60^XZ'],
    ['^XA^LS100^XZ'],
    ['^XA^LH80,80^XZ'],
    ['^XA^JMB^XZ'],
    ['^XA^MUM^XZ'],
    ['^XA^MUD,150,300^XZ'],
    ['^XA^CI0,48,49^XZ'],
    ['^XA^SZ1^XZ'],
    ['^XA^CC//XZ'],
    ['^XA^CD;^XZ'],
    ['^XA^FO50,50^A0N,40^FDHalf a la'],
  ])('%s', async (hostile) => {
    const zebra = await zebraWith();
    const { socket } = await lineTo(zebra);
    socket.write(hostile + BARE);
    await pauseUntilRead(socket);
    await zebra.idle();
    expect((await zebra.labels.at(-1)?.draw())?.equals(await labelAlone())).not.toBe(true);
  });
});

async function labelAlone(): Promise<Buffer> {
  const zebra = await zebraWith();
  (await lineTo(zebra)).socket.end(label);
  await until(() => zebra.labels.length === 1);
  return (await zebra.labels[0]?.draw()) as Buffer;
}
