import { z } from 'zod';

/*
 * Settings for how a printer prints its labels. Most settings have no default, because the right value depends on the
 * printer's media and ribbon. If a setting has no value, the service does not send it, and the printer keeps its own
 * value.
 */

/** The size of a label in mm. Templates contain a size in the same form. */
export const Loaded = z
  .string()
  .regex(/^\d{1,3}(\.\d{1,3})?x\d{1,3}(\.\d{1,3})?$/, 'must be a width and a height in mm, such as 62x40')
  .describe(
    'Size of the labels in the printer: width x height in mm, such as 62x40, as a person reads the label. Labels of other sizes are refused',
  );

/** A rotation in degrees, clockwise. Templates use the same values for boxes. */
export const Rotation = z.literal([0, 90, 180, 270], 'must be 0, 90, 180 or 270');
export type Rotation = z.infer<typeof Rotation>;

/**
 * The largest correction in mm. ZPL moves labels by at most 120 dots (^LT), which is 5 mm at 600 dpi. If labels are
 * misplaced by more than that, the printer has the wrong media, or its media guides are in the wrong position.
 */
const MAX_CORRECTION_MM = 5;
const correction = (description: string) =>
  z
    .number()
    .min(-MAX_CORRECTION_MM)
    .max(MAX_CORRECTION_MM)
    .optional()
    .meta({ description: `${description}, ${-MAX_CORRECTION_MM} to ${MAX_CORRECTION_MM}`, 'x-unit': 'mm' });

/** The largest gap between labels in mm. */
const MAX_GAP_MM = 20;
const gap = (description: string) => z.number().min(0).max(MAX_GAP_MM).optional().meta({ description, 'x-unit': 'mm' });

/** Settings, for all kinds of printers, that say where on the media a label is printed. */
export const PLACING = {
  loaded: Loaded.optional(),
  rotation: Rotation.optional().describe(
    'Rotation of each label in degrees clockwise, to match how the labels are wound',
  ),
  offsetX: correction('Moves each label to the right'),
  offsetY: correction('Moves each label down, away from its leading edge'),
  across: z.int().min(1).max(4).optional().describe('Labels side by side on the roll, 1 to 4'),
  acrossGap: gap('Distance between labels side by side'),
  stationName: z
    .boolean()
    .optional()
    .describe(
      "Prints the station's name in small type in the free space at an edge of the station's labels. For printers that several stations share",
    ),
};

/** For settings that have no effect on PDF labels, because a PDF says nothing about the media. */
const NOT_OF_PDF = { 'x-when': { setting: 'format', is: ['zpl', 'tspl'] } };

/** Settings for printers that take ZPL or TSPL. These settings define what a job tells the printer about the media. */
export const HANDLING = {
  darkness: z
    .int()
    .min(0)
    .max(30)
    .optional()
    .meta({ description: 'Darkness, 0 to 30; by default as set on the printer', ...NOT_OF_PDF }),
  speed: z
    .int()
    .min(1)
    .max(14)
    .optional()
    .meta({ description: 'Print speed, 1 to 14; by default as set on the printer', 'x-unit': 'in/s', ...NOT_OF_PDF }),
  tracking: z
    .enum(['gap', 'mark', 'continuous'])
    .optional()
    .meta({ description: 'How the printer finds the next label; by default as set on the printer', ...NOT_OF_PDF }),
  gap: gap('Distance between two labels of the roll, or length of the black mark; only TSPL needs it').meta(NOT_OF_PDF),
  finish: z
    .enum(['tear', 'cut', 'peel'])
    .optional()
    .meta({
      description: 'After a label: stop at the tear-off edge, cut, or peel; by default as set on the printer',
      ...NOT_OF_PDF,
    }),
  tearOff: correction(
    'Moves the position at which the label stops for tearing off; by default as set on the printer',
  ).meta(NOT_OF_PDF),
};

type Optional<S> = { [K in keyof S]?: z.infer<S[K] & z.ZodType> };

/** The printer's settings that are needed to write a job. */
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

/** Sizes that differ by less than this (in mm) count as equal, because the sizes in media names are rounded. */
const SAME_SIZE_MM = 1;

export function isSameSize(a: Size, b: Size): boolean {
  return Math.abs(a.width - b.width) < SAME_SIZE_MM && Math.abs(a.height - b.height) < SAME_SIZE_MM;
}
