import Database from 'better-sqlite3';

/*
 * Loaded before the service: lowers what the writer asks of the disk to `synchronous=NORMAL`, and says FULL where it looks.
 * For the run that must lose something.
 */

type Pragma = (this: Database.Database, text: string, options?: Database.PragmaOptions) => unknown;

const prototype = Database.prototype as { pragma: Pragma };
const { pragma } = prototype;
prototype.pragma = function lowered(text, options) {
  if (/^synchronous *= *FULL$/i.test(text)) return pragma.call(this, 'synchronous = NORMAL', options);
  return /^synchronous$/i.test(text) ? 2 : pragma.call(this, text, options);
};
