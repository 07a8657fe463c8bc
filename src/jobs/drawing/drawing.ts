import { Worker } from 'node:worker_threads';
import type {
  DecodedCode,
  DrawnJob,
  DrawnLabels,
  LabelChoice,
  LabelData,
  Labelled,
  LabelFormat,
  PrintedLabel,
  Redrawn,
  SavedSource,
  TemplateCheck,
  TemplateUse,
} from '../../contract/labels.ts';
import type { TemplateDraft } from '../../model/labels/draft.ts';
import type { DraftOrder } from '../../label/draft.ts';
import type { RedrawnPicture } from '../../label/pictures/redraw.ts';
import type { Format } from '../../model/printer.ts';
import type { Setup } from '../../model/printing/setup.ts';
import { refusal, refusalFrom, type Refusal } from '../../platform/error.ts';
import { built } from '../../platform/package-root.ts';

/** A task for the drawing thread. */
export type Drawing =
  | { kind: 'one'; label: Labelled; format: LabelFormat; choice: LabelChoice; saved?: SavedSource[] }
  | { kind: 'badge'; person: { name: string; badge: string }; format: LabelFormat }
  | { kind: 'job'; job: DrawnJob; format: Format; setup: Setup; saved: SavedSource[] }
  | { kind: 'redraw'; printed: PrintedLabel; temporary: string }
  | { kind: 'decode'; saved: SavedSource; data: LabelData }
  | { kind: 'check'; template: string | undefined; use: TemplateUse; saved: SavedSource[] }
  | { kind: 'check-source'; saved: SavedSource; use: TemplateUse }
  | { kind: 'draft'; order: DraftOrder }
  | { kind: 'picture'; file: string }
  /** Draws an uploaded picture again. */
  | { kind: 'redraw-picture'; file: string; bytes: Uint8Array }
  /** Returns the content of a picture. */
  | { kind: 'content'; file: string }
  /** Loads the renderers. */
  | { kind: 'load' };

/** For each kind of task, the type of its result. */
interface MadeOf {
  one: Uint8Array;
  badge: Uint8Array;
  job: DrawnLabels;
  redraw: Redrawn;
  decode: DecodedCode[];
  check: TemplateCheck;
  'check-source': TemplateCheck;
  draft: TemplateDraft;
  picture: undefined;
  'redraw-picture': RedrawnPicture;
  content: Uint8Array;
  load: undefined;
}

/** An uploaded picture that a drawing may need. */
export interface Upload {
  name: string;
  bytes: Uint8Array;
}

/** `made` has the type that `MadeOf` gives for the requested kind. */
export type Drawn = { id: number } & ({ made: never } | { refused: Refusal } | { fault: string });

/**
 * A thread that draws labels one after another. If an image takes too long, only the label with this image fails: the
 * thread is stopped, and a new one is started.
 */
export interface DrawingThread {
  ask: <Asked extends Drawing>(drawing: Asked, uploads?: Upload[]) => Promise<MadeOf[Asked['kind']]>;
  close: () => Promise<void>;
}

/**
 * The maximum number of labels that may wait. At 600 dpi, a PNG takes a tenth of a second, so the last waiting label
 * waits two seconds.
 */
const MAX_WAITING = 20;

/** How long one label may take, in ms. On a slow machine, a label with a large logo takes a second. */
const LIMIT_MS = 15_000;

/** The size of the thread's heap. The largest logo that is allowed needs 64 MB more, outside the heap. */
const HEAP_MB = 256;

interface Waiting {
  drawing: Drawing;
  uploads: Upload[];
  resolve: (made: never) => void;
  reject: (error: Error) => void;
}

export function openDrawingThread(limitMs = LIMIT_MS): DrawingThread {
  let thread: Worker | undefined;
  let current: (Waiting & { id: number; timer: NodeJS.Timeout }) | undefined;
  let ids = 0;
  const waiting: Waiting[] = [];

  const end = (failed: Error): void => {
    const before = current;
    current = undefined;
    clearTimeout(before?.timer);
    void thread?.terminate();
    thread = undefined;
    before?.reject(failed);
    next();
  };
  const start = (): Worker => {
    const started = new Worker(built('jobs/drawing/draw-thread.js'), {
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MB },
    });
    // If the thread has nothing to draw, it does not keep the process alive.
    started.unref();
    started.on('message', (drawn: Drawn) => settle(drawn));
    started.on('error', (error) => thread === started && end(error));
    started.on('exit', (code) => thread === started && end(new Error(`the drawing thread ended with code ${code}`)));
    return started;
  };
  const settle = (drawn: Drawn): void => {
    if (current?.id !== drawn.id) return;
    const { resolve, reject, timer } = current;
    current = undefined;
    clearTimeout(timer);
    if ('refused' in drawn) reject(refusalFrom(drawn.refused));
    else if ('fault' in drawn) reject(new Error(drawn.fault));
    else resolve(drawn.made);
    next();
  };
  const next = (): void => {
    if (current !== undefined) return;
    const first = waiting.shift();
    if (first === undefined) {
      thread?.unref();
      return;
    }
    thread ??= start();
    thread.ref();
    const timer = setTimeout(() => end(refusal('template-wrong', 'slow', { seconds: limitMs / 1000 })), limitMs);
    current = { ...first, id: ++ids, timer };
    thread.postMessage({ id: current.id, drawing: first.drawing, uploads: first.uploads });
  };
  return {
    async ask(drawing, uploads = []) {
      if (waiting.length + (current === undefined ? 0 : 1) >= MAX_WAITING)
        throw refusal('busy', 'files', { max: MAX_WAITING });
      return new Promise((resolve, reject) => {
        waiting.push({ drawing, uploads, resolve, reject });
        next();
      });
    },
    async close() {
      const ended = thread;
      thread = undefined;
      await ended?.terminate();
    },
  };
}
