import type { Once } from '../decide/command.ts';
import type { Import, Imported } from '../decide/imports/import-units.ts';

/**
 * Imports units. A large import is recorded in parts, so that agents never wait for it. If a unit has a problem,
 * nothing is imported. Once the first unit is recorded, the import is always completed, even if the service ends.
 */
export interface Imports {
  import: (command: Import, once?: Once) => Promise<Imported>;
}
