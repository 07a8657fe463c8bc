import { createInterface, type Interface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { print } from '../run.ts';

/** A step that a person takes in a drill. */
export interface Step {
  title: string;
  /** Lines that tell the person what to do, and where. */
  todo: string[];
  /**
   * Returns a text that shows that the step worked. Returns undefined as long as the step has not worked. If `worked`
   * is absent, the person says whether the step worked.
   */
  worked?: () => Promise<string | undefined>;
  /** Does the step in place of the person (--play). */
  play?: () => Promise<unknown>;
}

/** Leads a person through a drill, and measures how long the drill takes. */
export interface Coach {
  say: (...lines: string[]) => void;
  step: (step: Step) => Promise<void>;
  ask: (question: string) => Promise<string | undefined>;
  /** The titles of the steps that were not completed. */
  skipped: string[];
  /** The time since the drill began, in seconds. */
  seconds: () => number;
  close: () => void;
}

const LOOK_EVERY_MS = 500;

/** How long (in ms) a step may take with --play. After that, the step counts as not completed. */
const PLAY_MS = 60_000;

export function openCoach(plays: boolean): Coach {
  const began = performance.now();
  const lines = plays ? undefined : openLines();
  const skipped: string[] = [];
  let number = 0;
  const wait = async (step: Step): Promise<void> => {
    const isOver = (): boolean => lines?.closed === true;
    const until = plays ? performance.now() + PLAY_MS : Infinity;
    for (;;) {
      const seen = await step.worked?.();
      if (seen !== undefined) return print(`   ✓ ${seen}`);
      const typed = lines?.take();
      if (step.worked === undefined && (typed === '' || plays)) return;
      if (typed === 's' || isOver() || performance.now() > until) break;
      await sleep(LOOK_EVERY_MS);
    }
    skipped.push(step.title);
    print('   ✗ not done');
  };
  return {
    skipped,
    say: (...text) => print(text.map((line) => `   ${line}`).join('\n')),
    async step(step) {
      print(`\n${++number}. ${step.title}`);
      for (const line of step.todo) print(`   ${line}`);
      const how =
        step.worked === undefined ? 'Press Enter when this is done' : 'The drill continues when this has worked';
      if (!plays) print(`   (${how}; s and Enter: skip this step)`);
      else if (step.play === undefined && step.worked !== undefined) return print('   – not played');
      if (plays) await step.play?.();
      await wait(step);
    },
    ask: async (question) => (plays ? undefined : lines?.ask(question)),
    seconds: () => Math.round((performance.now() - began) / 1000),
    close: () => lines?.close(),
  };
}

interface Lines {
  closed: boolean;
  /** Returns the next line that was typed, if there is one. */
  take: () => string | undefined;
  ask: (question: string) => Promise<string | undefined>;
  close: () => void;
}

function openLines(): Lines {
  const reader: Interface = createInterface({ input: process.stdin, output: process.stdout });
  const typed: string[] = [];
  const lines: Lines = {
    closed: false,
    take: () => typed.shift(),
    async ask(question) {
      print(question);
      while (typed.length === 0 && !lines.closed) await sleep(100);
      return typed.shift()?.trim() || undefined;
    },
    close: () => reader.close(),
  };
  reader.on('line', (line) => typed.push(line.trim().toLowerCase() === 's' ? 's' : line.trim()));
  reader.on('close', () => (lines.closed = true));
  return lines;
}
