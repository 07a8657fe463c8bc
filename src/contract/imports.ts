import type { Once } from '../decide/command.ts';
import type { Import, Imported } from '../decide/imports/import-units.ts';

/**
 * Imports units. A large import is recorded in parts, so that agents never wait for it. If a unit has a problem, nothing
 * is imported. From the first recorded unit on, the import is always completed, also if the service ends.
 */
export interface Imports {
  import: (command: Import, once?: Once) => Promise<Imported>;
}
