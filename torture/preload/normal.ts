import Database from 'better-sqlite3';

/*
 * This module is loaded before the service in the run that must lose data. The module sets `synchronous=NORMAL`, but
 * tells the writer that the value is FULL.
 */

type Pragma = (this: Database.Database, text: string, options?: Database.PragmaOptions) => unknown;

const prototype = Database.prototype as { pragma: Pragma };
const { pragma } = prototype;
prototype.pragma = function lowered(text, options) {
  if (/^synchronous *= *FULL$/i.test(text)) return pragma.call(this, 'synchronous = NORMAL', options);
  return /^synchronous$/i.test(text) ? 2 : pragma.call(this, text, options);
};
