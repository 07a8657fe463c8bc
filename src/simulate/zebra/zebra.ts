import { EventEmitter, once } from 'node:events';
import { rename, writeFile } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { dotsOf, over, pngOf } from './draw.ts';
import { openReader, type Reader } from './reader.ts';
import { answerTo, sgdAnswer, type Condition } from './answers.ts';
import { format, powerUp, type Drawing, type PrinterState } from './state.ts';

/*
 * A simulated Zebra printer. The printer reads from a TCP port (one connection at a time), keeps formats in its memory,
 * prints them one after another, and answers queries about its state. The simulated printer can have the same problems
 * as real printers.
 */

export interface ZebraOptions {
  /** The TCP port. If the port is 0, any free port is used. */
  port: number;
  host: string;
  dpi: 203 | 300 | 600;
  /** The size of a label in mm, which is used until a format sets a different size. */
  media: { width: number; height: number };
  /** How long it takes to print one label, in ms. */
  labelMs: number;
  /** How many formats fit in the memory. When the memory is full, the printer stops reading. */
  memory: number;
  /**
   * How the printer treats queries. `zebra` answers queries, `silent` ignores them, and `text` prints them, as printers
   * of other manufacturers do.
   */
  answers: 'zebra' | 'silent' | 'text';
  /** The number of labels on the roll. */
  paper: number;
  /** The folder that the drawings of labels are written to. */
  folder?: string;
  /**
   * Called before each label. If this function returns a problem, the problem happens while the label is being
   * printed.
   */
  trouble?: () => Trouble | undefined;
  /** Called after a complete label has come out. */
  onLabel?: (label: PrintedLabel) => void;
}

/** `jam` and `open` spoil the label that is being printed. */
export type Trouble = 'jam' | 'open' | 'pause' | 'paperOut' | 'reboot';

export const ZEBRA: ZebraOptions = {
  port: 0,
  host: '127.0.0.1',
  dpi: 203,
  media: { width: 62, height: 40 },
  labelMs: 0,
  memory: 50,
  answers: 'zebra',
  paper: Number.MAX_SAFE_INTEGER,
};

/** A label that has come out. */
export interface PrintedLabel {
  /** Everything that the image depends on. Labels with the same description look the same. */
  description: string;
  /** Draws the label as a PNG. */
  draw: () => Promise<Buffer>;
}

export interface Zebra {
  port: number;
  /** The complete labels that have come out, in order. */
  labels: PrintedLabel[];
  /** Labels that were interrupted, which are on paper but cannot be used. */
  spoiled: PrintedLabel[];
  /** How many connections there have been so far. */
  connections: () => number;
  /** Resolves when all formats in the memory have been printed. */
  idle: () => Promise<void>;
  happens: (trouble: Trouble) => void;
  /** A person solves the problem by putting in a roll, clearing a jam, closing the head, or pressing Pause. */
  help: (paper?: number) => void;
  close: () => Promise<void>;
}

export async function openZebra(given: Partial<ZebraOptions> = {}): Promise<Zebra> {
  const options: ZebraOptions = { ...ZEBRA, ...given };
  const machine = newMachine(options);
  let count = 0;
  const listening = openConnections(machine, () => count++);
  const { server } = listening;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(options.port, options.host, resolve);
  });
  void run(machine);
  return {
    port: portOf(server),
    labels: machine.labels,
    spoiled: machine.spoiled,
    connections: () => count,
    idle: () => until(machine, () => machine.queue.length === 0 || !machine.isOn),
    happens: (trouble) => happens(machine, trouble),
    help: (paper = Number.MAX_SAFE_INTEGER) => help(machine, paper),
    close: () =>
      new Promise((resolve) => {
        machine.isOn = false;
        machine.changes.emit('change');
        listening.hangUp();
        server.close(() => resolve());
      }),
  };
}

/** Reads from one connection at a time, as printers do. Other connections wait. */
function openConnections(machine: Machine, onConnection: () => void): { server: Server; hangUp: () => void } {
  const turns: Socket[] = [];
  const reader = readerOf(machine, (answer) => void turns[0]?.write(answer, 'latin1'));
  const next = (): void => {
    const [socket] = turns;
    socket?.on('data', (bytes: Buffer) => {
      reader.read(bytes.toString('latin1'));
      if (!isFull(machine)) return;
      socket.pause();
      void until(machine, () => !isFull(machine) || !machine.isOn).then(() => socket.resume());
    });
    socket?.resume();
  };
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (socket) => {
    onConnection();
    turns.push(socket);
    socket.on('error', () => {});
    socket.on('end', () => socket.end());
    socket.on('close', () => {
      const isFirst = turns[0] === socket;
      turns.splice(turns.indexOf(socket), 1);
      if (isFirst) next();
    });
    if (turns.length === 1) next();
  });
  machine.changes.on('reboot', () => {
    reader.cancel();
    reader.reset();
    for (const socket of turns) socket.resetAndDestroy();
  });
  return { server, hangUp: () => turns.forEach((socket) => void socket.destroy()) };
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server does not listen on a port');
  return address.port;
}

/** The maximum number of images that are drawn over each other if images are kept for the following labels (^MCN). */
const MAX_KEPT = 10;

/** The state of the printer, apart from its connections. */
interface Machine {
  options: ZebraOptions;
  state: PrinterState;
  saved: PrinterState;
  kept: Drawing[];
  queue: Drawing[];
  /** The number of labels of the current format that are not printed yet. */
  left: number;
  odometer: number;
  paper: number;
  condition: Condition;
  isOn: boolean;
  labels: PrintedLabel[];
  spoiled: PrintedLabel[];
  changes: EventEmitter;
}

const FINE: Condition = { paperOut: false, open: false, paused: false, jam: false };

function newMachine(options: ZebraOptions): Machine {
  return {
    options,
    state: powerUp(),
    saved: powerUp(),
    kept: [],
    queue: [],
    left: 0,
    odometer: 1000,
    paper: options.paper,
    condition: FINE,
    isOn: true,
    labels: [],
    spoiled: [],
    changes: new EventEmitter().setMaxListeners(0),
  };
}

/** Resolves when `holds` returns true. */
async function until({ changes }: Machine, holds: () => boolean): Promise<void> {
  while (!holds()) await once(changes, 'change');
}

function isReady({ condition: { paperOut, open, paused, jam } }: Machine): boolean {
  return !(paperOut || open || paused || jam);
}

function isFull({ queue, options }: Machine): boolean {
  return queue.length >= options.memory;
}

function readerOf(machine: Machine, say: (answer: string) => void): Reader {
  const { options, labels, changes } = machine;
  const reader = openReader({
    format(commands) {
      const save = (): void => void (machine.saved = structuredClone(machine.state));
      const drawing = format(machine.state, commands, options.dpi, save);
      if (drawing !== undefined) machine.queue.push(drawing);
      if (!machine.state.isKept) machine.kept = [];
      changes.emit('change');
    },
    control(name) {
      if (name === 'PP' || name === 'PS') machine.condition = { ...machine.condition, paused: name === 'PP' };
      if (name === 'JA') machine.queue = [];
      const { queue, condition } = machine;
      const left = machine.left || (queue[0]?.copies ?? 0);
      const now = { ...condition, formats: queue.length, left, isPartial: reader.isOpen(), isFull: isFull(machine) };
      if (options.answers === 'zebra') say(answerTo(name, now) ?? '');
      const asText = { zpl: `^XA^FO0,0^A0N,20^FD${name}^FS^XZ`, copies: 1, state: machine.state };
      if (options.answers === 'text') labels.push(labelOf(machine, asText));
      changes.emit('change');
    },
    setGetDo(verb, name) {
      if (options.answers === 'zebra') say(sgdAnswer(verb, name, machine.odometer) ?? '');
    },
  });
  return reader;
}

function labelOf({ kept, options }: Machine, drawing: Drawing): PrintedLabel {
  const below = [...kept];
  const { width, height } = sizeOf(drawing, options);
  return {
    description: JSON.stringify([drawing, below, width, height]),
    async draw() {
      let dots = await dotsOf(drawing, width, height, options.dpi);
      for (const one of below) dots = over(dots, await dotsOf(one, width, height, options.dpi));
      return pngOf(dots, drawing.state);
    },
  };
}

/** Prints formats until the printer is closed. */
async function run(machine: Machine): Promise<void> {
  const { options, changes } = machine;
  for (;;) {
    await until(machine, () => machine.queue.length > 0 || !machine.isOn);
    const [drawing] = machine.queue;
    if (drawing === undefined || !machine.isOn) return;
    const isLoaded = (): boolean => machine.queue[0] === drawing && machine.isOn;
    for (machine.left = drawing.copies; machine.left > 0 && isLoaded(); machine.left--)
      await printOne(machine, drawing, isLoaded);
    machine.left = 0;
    if (isLoaded()) machine.queue.shift();
    if (drawing.state.isKept) machine.kept = [...machine.kept, drawing].slice(-MAX_KEPT);
    if (options.folder !== undefined) await drawInto(options.folder, machine.labels);
    changes.emit('change');
  }
}

/** Prints one label. An interrupted label is reprinted only if ^JZY was set. */
async function printOne(machine: Machine, drawing: Drawing, isLoaded: () => boolean): Promise<void> {
  const { options, labels, spoiled } = machine;
  for (;;) {
    await until(machine, () => isReady(machine) || !isLoaded());
    if (!isLoaded()) return;
    const trouble = options.trouble?.();
    await sleep(options.labelMs, undefined, { ref: false });
    if (trouble !== undefined) happens(machine, trouble);
    if (!isLoaded()) return;
    const isBroken = machine.condition.jam || machine.condition.open;
    const label = labelOf(machine, drawing);
    (isBroken ? spoiled : labels).push(label);
    if (!isBroken) machine.odometer++;
    if (--machine.paper <= 0) machine.condition = { ...machine.condition, paperOut: true };
    if (!isBroken) options.onLabel?.(label);
    if (!isBroken || !drawing.state.isRepeated) return;
  }
}

function happens(machine: Machine, trouble: Trouble): void {
  if (trouble === 'reboot') {
    machine.queue = [];
    machine.kept = [];
    machine.state = structuredClone(machine.saved);
    machine.condition = { ...machine.condition, paused: false, jam: false };
    machine.changes.emit('reboot');
  } else if (trouble === 'pause') machine.condition = { ...machine.condition, paused: true };
  else machine.condition = { ...machine.condition, [trouble]: true };
  if (trouble === 'paperOut') machine.paper = 0;
  machine.changes.emit('change');
}

function help(machine: Machine, roll: number): void {
  if (machine.paper <= 0) machine.paper = roll;
  machine.condition = FINE;
  machine.changes.emit('change');
}

function sizeOf({ state }: Drawing, { media, dpi }: ZebraOptions): { width: number; height: number } {
  const dots = (mm: number): number => Math.round((mm * dpi) / 25.4);
  return { width: state.width || dots(media.width), height: state.length || dots(media.height) };
}

/** Draws the labels that are not in the folder yet. */
const drawnInto = new WeakMap<PrintedLabel[], number>();
async function drawInto(folder: string, labels: PrintedLabel[]): Promise<void> {
  for (let at = drawnInto.get(labels) ?? 0; at < labels.length; at++) {
    drawnInto.set(labels, at + 1);
    const png = await labels[at]?.draw();
    if (png === undefined) continue;
    const file = join(folder, `${String(at + 1).padStart(4, '0')}.png`);
    // Another program may read the folder, so the file gets its name only when it is complete.
    await writeFile(`${file}.part`, png, { mode: 0o640 });
    await rename(`${file}.part`, file);
  }
}
