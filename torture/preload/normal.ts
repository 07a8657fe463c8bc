import Database from 'better-sqlite3';

/*
 * In the run that must lose data, this module is loaded before the service. The module sets `synchronous=NORMAL`, but
 * when the writer asks for the value, the answer is FULL.
 */

type Pragma = (this: Database.Database, text: string, options?: Database.PragmaOptions) => unknown;

const prototype = Database.prototype as { pragma: Pragma };
const { pragma } = prototype;
prototype.pragma = function lowered(text, options) {
  if (/^synchronous *= *FULL$/i.test(text)) return pragma.call(this, 'synchronous = NORMAL', options);
  return /^synchronous$/i.test(text) ? 2 : pragma.call(this, text, options);
};
