import { z } from 'zod';

/*
 * How a printer prints its labels. Most settings have no default: what is not set is not sent, and the printer keeps its
 * own value, because the right value depends on its media and ribbon.
 */

/** The size of labels in mm. Templates have the same form. */
export const Loaded = z
  .string()
  .regex(/^\d{1,3}(\.\d{1,3})?x\d{1,3}(\.\d{1,3})?$/, 'must be a width and a height in mm, such as 62x40')
  .describe(
    'Size of the labels in the printer as people read them, width x height in mm, such as 62x40; labels of another size are refused',
  );

/** Clockwise, in degrees. Templates use the same values for boxes. */
export const Rotation = z.literal([0, 90, 180, 270], 'must be 0, 90, 180 or 270');
export type Rotation = z.infer<typeof Rotation>;

/**
 * The largest correction in mm. ZPL moves labels by 120 dots at most (^LT), which are 5 mm at 600 dpi. A printer that is
 * off by more has other media or other guides.
 */
const MAX_CORRECTION_MM = 5;
const correction = (description: string) =>
  z
    .number()
    .min(-MAX_CORRECTION_MM)
    .max(MAX_CORRECTION_MM)
    .optional()
    .meta({ description: `${description}, ${-MAX_CORRECTION_MM} to ${MAX_CORRECTION_MM}`, 'x-unit': 'mm' });

/** The largest distance in mm between labels. */
const MAX_GAP_MM = 20;
const gap = (description: string) => z.number().min(0).max(MAX_GAP_MM).optional().meta({ description, 'x-unit': 'mm' });

/** Settings of every kind of printer: where a label is printed. */
export const PLACING = {
  loaded: Loaded.optional(),
  rotation: Rotation.optional().describe('Turns each label clockwise, in degrees: how the labels are wound'),
  offsetX: correction('Moves each label to the right'),
  offsetY: correction('Moves each label down, away from its leading edge'),
  across: z.int().min(1).max(4).optional().describe('Labels side by side on the roll, 1 to 4'),
  acrossGap: gap('Distance between labels side by side'),
  stationName: z
    .boolean()
    .optional()
    .describe('Prints the name of the station small at a free edge of its labels, for a printer that stations share'),
};

/** Settings of printers that take ZPL or TSPL: what a job says to the printer about its media. */
export const HANDLING = {
  darkness: z.int().min(0).max(30).optional().describe('Darkness, 0 to 30; by default as the printer is set'),
  speed: z
    .int()
    .min(1)
    .max(14)
    .optional()
    .meta({ description: 'Print speed, 1 to 14; by default as the printer is set', 'x-unit': 'in/s' }),
  tracking: z
    .enum(['gap', 'mark', 'continuous'])
    .optional()
    .describe('How the printer finds the next label; by default as the printer is set'),
  gap: gap('Distance between two labels of the roll, or length of the black mark; only TSPL needs it'),
  finish: z
    .enum(['tear', 'cut', 'peel'])
    .optional()
    .describe('After a label: stop at the tear-off edge, cut, or peel; by default as the printer is set'),
  tearOff: correction('Moves the stop at the tear-off edge; by default as the printer is set'),
};

type Optional<S> = { [K in keyof S]?: z.infer<S[K] & z.ZodType> };

/** What the writer of a job needs to know about its printer. */
export type Setup = Optional<typeof PLACING> & Optional<typeof HANDLING> & { name: string; dpi: number };

/** A size in mm. */
export interface Size {
  width: number;
  height: number;
}

/** Reads a size such as `62x40`. */
export function sizeOf(text: string): Size {
  const [width = 0, height = 0] = text.split('x').map(Number);
  return { width, height };
}

/** Sizes that differ by less than this (mm) are one size: the names of media are rounded. */
const SAME_SIZE_MM = 1;

export function isSameSize(a: Size, b: Size): boolean {
  return Math.abs(a.width - b.width) < SAME_SIZE_MM && Math.abs(a.height - b.height) < SAME_SIZE_MM;
}
