/** The kinds of exceptions (exception.ts). */
export const EXCEPTIONS = ['wrong-id', 'no-label', 'not-scanned'] as const;
export type ExceptionKind = (typeof EXCEPTIONS)[number];

/**
 * Exceptions that follow from the state of a unit, not from something that a device did. A unit has at most one such
 * exception.
 */
export type WaitingKind = Exclude<ExceptionKind, 'wrong-id'>;
