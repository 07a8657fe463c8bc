import { fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { ClaimstampError } from '../error.ts';
import type { FromLabelJob, Labels, ToLabelJob } from '../labels.ts';
import { built } from '../root.ts';
import { renderOne } from './render.ts';
import { templateNames } from './template.ts';

export interface LabelsOptions {
  ledger: string;
  /** Where a job's file grows until it is whole. */
  spool: string;
}

/** Big jobs at once; each takes a core's spare time. Further ones wait for their turn. */
const MAX_JOBS = 2;

export function openLabels({ ledger, spool }: LabelsOptions): Labels {
  let running = 0;
  const waiting: (() => void)[] = [];
  // What a killed process left behind is nobody's.
  rmSync(spool, { recursive: true, force: true });

  return {
    templates: () => templateNames(),
    one: (data, format, choice, product) => renderOne({ data, product }, format, choice),
    async many(job) {
      if (running >= MAX_JOBS) await new Promise<void>((resolve) => waiting.push(resolve));
      running++;
      const file = join(spool, `${randomUUID()}.${job.format}`);
      try {
        mkdirSync(spool, { recursive: true, mode: 0o700 });
        const labels = await inChild({ ledger, out: file, job });
        const handle = await open(file);
        const { size } = await handle.stat();
        return { stream: handle.createReadStream(), labels, bytes: size };
      } finally {
        // Without a name it is gone as soon as it was read, or nobody reads it any more. A child that was killed left it.
        rmSync(file, { force: true });
        running--;
        waiting.shift()?.();
      }
    },
  };
}

/** Settles when the child is gone: until then it may still make the file that is to be removed. */
function inChild(message: ToLabelJob): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = fork(built('jobs/labels.js'), { serialization: 'advanced' });
    let answer: FromLabelJob | undefined;
    child.once('error', reject);
    child.once('message', (said: FromLabelJob) => {
      answer = said;
    });
    child.once('exit', (code, signal) => {
      if (answer === undefined) reject(new Error(`the label job ended by itself (${signal ?? code})`));
      else if ('labels' in answer) resolve(answer.labels);
      else if ('refused' in answer) reject(new ClaimstampError(answer.refused.code, answer.refused.message));
      else reject(new Error(answer.fault));
    });
    child.send(message);
  });
}
