/** The kinds of exceptions (exception.ts). */
export const EXCEPTIONS = ['wrong-id', 'no-label', 'not-scanned'] as const;
export type ExceptionKind = (typeof EXCEPTIONS)[number];

/** The exceptions that a unit is in, and not an event of a device. At most one of them is true of a unit. */
export type WaitingKind = Exclude<ExceptionKind, 'wrong-id'>;
