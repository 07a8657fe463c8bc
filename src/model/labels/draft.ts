import type { Words } from '../../platform/refusal-words.ts';

/** The values that a preview shows. */
export const DRAFT_VALUES = ['shortest', 'typical', 'longest'] as const;
export type DraftValues = (typeof DRAFT_VALUES)[number];

/** A template that a person is changing, as it would be printed. */
export interface TemplateDraft {
  /** The label, without the boxes that cannot be drawn. Absent if the text cannot be read. */
  svg?: string;
  secret: boolean;
  /** The role of the label, if the template has one. */
  role?: string;
  /** `index` is the position of the code's box in the template. */
  codes: { box: string; index: number; symbology: string; dots?: number; moduleMm?: number; quietModules?: number }[];
  faults: DraftFault[];
  /** Secrets that people could see from outside, and images that are almost entirely white or almost entirely black. */
  warnings: DraftFault[];
}

/** A fault without `box` concerns the medium or the complete text. */
export interface DraftFault {
  box?: { index: number; name: string };
  property?: string;
  why: Words;
}
