import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { refusal } from '../platform/error.ts';
import { hashOfSource } from '../model/labels/saved-template.ts';
import type { SavedSource, TemplateSource } from '../contract/labels.ts';
import { labelsFolder, parseTemplate, sourceOf, templateNames, type Template } from './template.ts';

/*
 * Opens templates that people saved in the ledger, and the files in labels/. A template in the ledger takes precedence
 * over a file of the same name. So a file that comes with a new version of the program never changes a product's
 * labels.
 */

/** A template together with its source. `revision` is absent if the template is a file in labels/. */
export interface OpenedTemplate {
  template: Template;
  source: string;
  revision?: number | undefined;
}

/**
 * If `isApproved` is true, opens only a revision that the caller looked up as approved. Throws `approval-needed` if
 * there is no such revision.
 */
export function openWithSource(name: string, saved: readonly SavedSource[] = [], isApproved = false): OpenedTemplate {
  const found = saved.find((one) => one.name === name && (one.approved === true) === isApproved);
  if (found !== undefined) return { template: openSaved(found), source: found.source, revision: found.revision };
  if (isApproved) throw refusal('approval-needed', 'template', { template: name });
  const source = sourceOf(name);
  return { template: parseTemplate(name, source), source };
}

/** `saved` contains the templates that the caller looked up in the ledger. */
export function openTemplate(name: string, saved: readonly SavedSource[] = [], isApproved = false): Template {
  return openWithSource(name, saved, isApproved).template;
}

export function openSaved({ name, source }: SavedSource): Template {
  return parseTemplate(name, source, labelsFolder, `template ${name}`);
}

/** Returns the source of a file in labels/, or undefined if there is no such file. */
export function fileSource(name: string): TemplateSource | undefined {
  if (!templateNames().includes(name)) return undefined;
  const source = readFileSync(join(labelsFolder, `${name}.json5`), 'utf8');
  return { name, origin: 'file', hash: hashOfSource(source), source };
}
