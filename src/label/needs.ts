import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { TemplateNeed } from '../contract/labels.ts';
import { isOwnFont } from './fonts.ts';
import { uploadedContent } from './pictures/uploaded.ts';
import { dataFile, type Template } from './template.ts';

/** Returns the files that a template names in labels/fonts and labels/logos. The product's logo is not included. */
export function needsOf({ boxes, folder }: Template): TemplateNeed[] {
  const needs = new Map<string, TemplateNeed>();
  const add = (kind: 'fonts' | 'logos', file: string): void => {
    const uploaded = kind === 'logos' ? uploadedContent(file)?.hash : undefined;
    const path = uploaded === undefined ? dataFile(folder, kind, file) : undefined;
    const sha256 = uploaded ?? (path && createHash('sha256').update(readFileSync(path)).digest('hex'));
    needs.set(`${kind}/${file}`, { file: `${kind}/${file}`, ...(sha256 === undefined ? {} : { sha256 }) });
  };
  for (const box of boxes) {
    if (box.type === 'text') for (const font of [box.font].flat()) if (!isOwnFont(font)) add('fonts', font);
    if (box.type === 'image' && !box.file.includes('{')) add('logos', box.file);
  }
  return [...needs.values()];
}
