/** A status code of RFC 8011, appendix B. `advice` says what a person can do. */
interface Status {
  name: string;
  /**
   * `refused`: the printer rejected the job before creating it, and would reject it again. `waits`: the printer
   * currently accepts no jobs, for a reason that has nothing to do with this job. `broken`: a printer can report this
   * status in the middle of printing, so it may have printed some pages.
   */
  kind: 'refused' | 'waits' | 'broken';
  advice?: string;
  /** True if the printer does not accept jobs from this service. */
  isAccess: boolean;
}

export const ACCESS =
  'in the printer’s own settings, allow this computer to print; or set the user and the password of the printer';

const status =
  (kind: Status['kind']) =>
  (name: string, advice?: string): Status => ({ name, kind, ...(advice && { advice }), isAccess: advice === ACCESS });
const [refused, waits, broken] = [status('refused'), status('waits'), status('broken')];

const WAIT = 'the label waits until the printer is free';
export const NO_PDF = 'the printer does not accept PDF: print ZPL over raw9100, or use a print queue that accepts PDF';

const STATUSES: { [code: number]: Status } = {
  0x0400: refused('client-error-bad-request'),
  0x0401: waits('client-error-forbidden', ACCESS),
  0x0402: waits('client-error-not-authenticated', ACCESS),
  0x0403: waits('client-error-not-authorized', ACCESS),
  0x0404: refused('client-error-not-possible'),
  0x0405: broken('client-error-timeout'),
  0x0406: refused('client-error-not-found', 'check the path of the address in the settings'),
  0x0407: refused('client-error-gone', 'check the path of the address in the settings'),
  0x0408: refused('client-error-request-entity-too-large', 'print fewer labels in one job'),
  0x0409: refused('client-error-request-value-too-long'),
  0x040a: refused('client-error-document-format-not-supported', NO_PDF),
  0x040b: refused('client-error-attributes-or-values-not-supported', 'check media and copies'),
  0x040c: refused('client-error-uri-scheme-not-supported', 'use ipp:// or ipps:// in the settings'),
  0x040d: refused('client-error-charset-not-supported'),
  0x040e: refused('client-error-conflicting-attributes', 'check media and copies'),
  0x040f: refused('client-error-compression-not-supported'),
  0x0410: broken('client-error-compression-error'),
  0x0411: broken('client-error-document-format-error', 'the printer could not read the PDF'),
  0x0412: broken('client-error-document-access-error'),
  0x0500: broken('server-error-internal-error'),
  0x0501: refused('server-error-operation-not-supported', 'check the path of the address in the settings'),
  0x0502: waits('server-error-service-unavailable', WAIT),
  0x0503: refused(
    'server-error-version-not-supported',
    'the printer is too old for IPP/2.0: use a queue on a computer',
  ),
  0x0504: broken('server-error-device-error'),
  0x0505: broken('server-error-temporary-error'),
  0x0506: waits('server-error-not-accepting-jobs', 'the printer is stopped or paused: resume it'),
  0x0507: waits('server-error-busy', WAIT),
  0x0508: broken('server-error-job-canceled'),
  0x0509: refused('server-error-multiple-document-jobs-not-supported'),
};

export function isSuccess(status: number): boolean {
  return status < 0x0100;
}

export function statusOf(code: number): Status {
  return STATUSES[code] ?? broken(`IPP status 0x${code.toString(16).padStart(4, '0')}`);
}
