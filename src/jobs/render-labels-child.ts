import { createWriteStream, openSync } from 'node:fs';
import { refusal } from '../platform/error.ts';
import { phrase } from '../platform/refusal-words.ts';
import { useUploads } from '../label/pictures/uploaded.ts';
import { renderMany } from '../label/render.ts';
import {
  labelsOf,
  MAX_LABELS,
  type Labelled,
  type LabelJob,
  type LabelSelection,
  type LabelTask,
  type SavedSource,
} from '../contract/labels.ts';
import type { UnitList } from '../contract/ledger.ts';
import { yieldProcessor, workInChild } from '../platform/spool.ts';
import { openReader, type Reader } from '../sqlite/reader.ts';
import { mask } from '../model/claim-id.ts';
import { isEnded, type Unit } from '../model/unit.ts';

/* This child process draws many labels into one file. */

const PAGE = 500;

workInChild(async ({ ledger, out, job }: LabelTask): Promise<number> => {
  const reader = openReader(ledger);
  useUploads((name) => {
    const logo = reader.logo(name);
    return logo && Buffer.from(logo.png, 'base64');
  });
  refuseTooMany(reader, job);
  // The file is opened at once. If the stream opened the file later, a job that has failed could create the file after
  // the clean-up.
  const file = createWriteStream(out, { fd: openSync(out, 'wx', 0o600) });
  const savedOf = (name: string, isApproved: boolean): SavedSource | undefined => {
    if (!isApproved) return reader.template(name);
    const approved = reader.approvedTemplate(name);
    return approved && { ...approved, approved: true };
  };
  const labels = await renderMany(labelled(reader, job), job, file, undefined, savedOf);
  reader.close();
  if (labels === 0) throw refusal('not-found', 'noMatch');
  return labels;
});

/** Counts the labels before the first one is drawn, so that a job that is too large fails at once. */
function refuseTooMany(reader: Reader, { selection, copies }: LabelJob): void {
  let units = 0;
  for (const page of 'units' in selection ? [selection.units] : pages(reader, selection)) {
    units += page.length;
    if (units * copies > MAX_LABELS) throw refusal('invalid', 'manyLabels', { max: MAX_LABELS });
  }
}

async function* labelled(reader: Reader, { selection, role }: LabelJob): AsyncGenerator<Labelled> {
  for (const units of pages(reader, selection)) {
    for (const label of await labelsOf(reader, units, { role })) {
      yieldProcessor();
      yield label;
    }
  }
}

/**
 * Yields the units page by page. If the caller selects units by a list, all of them must be printable. If the caller
 * selects units by a filter, void and scrapped units are skipped.
 */
function* pages(reader: Reader, selection: LabelSelection): Generator<Unit[]> {
  if ('units' in selection) {
    const { units } = selection;
    for (let at = 0; at < units.length; at += PAGE) yield units.slice(at, at + PAGE).map((uci) => listed(reader, uci));
    return;
  }
  for (let after: number | null = 0; after !== null;) {
    const page: UnitList = reader.units({ ...selection.filter, after, limit: PAGE });
    yield page.units.filter((unit) => !isEnded(unit));
    after = page.next;
  }
}

function listed(reader: Reader, uci: string): Unit {
  const found = reader.unit(uci)?.unit;
  if (!found) throw refusal('not-found', 'unitNotPrinted', { unit: mask(uci) });
  if (isEnded(found)) {
    throw refusal('unit-ended', 'nothingPrinted', {
      unit: mask(uci),
      state: phrase(found.facts.void ? 'void' : 'scrapped'),
    });
  }
  return found;
}
