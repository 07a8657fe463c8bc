import type { AgentBody } from '../body.ts';
import type { EndData } from '../event-data.ts';

/**
 * A Claim ID that another system made. The device section of an imported unit is read like the body of an agent's
 * request.
 */
export interface ImportedUnit extends AgentBody {
  /** The unit's place in the file, for messages, such as `units.csv line 7`. */
  place: string;
  uci: string;
  product: string;
  /** How the unit was made. Present only if this unit was made in a different way than the import's other units. */
  as?: 'issued' | 'reserved';
  workOrder?: string;
  /** The roll that the unit comes from. */
  reservation?: string;
  /** The names of the properties that identified the unit in its former ledger. */
  identifiedBy?: string[];
  /** The events that ended the unit, oldest first. */
  ends?: ({ type: 'void' | 'scrapped' } & EndData)[];
}
