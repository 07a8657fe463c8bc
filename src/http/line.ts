import type { Config } from '../config.ts';
import type { Labels } from '../labels.ts';
import type { Ledger } from '../ledger.ts';
import type { Printing } from '../printing.ts';
import type { Log } from '../log.ts';
import type { Gate } from './admit.ts';
import type { Refusals } from './refusals.ts';

/** What the routes work with. */
export interface Line {
  ledger: Ledger;
  labels: Labels;
  printing: Printing;
  config: Config;
  gate: Gate;
  refusals: Refusals;
  log: Log;
  now: () => number;
  /** One more for /metrics. */
  count: (what: Counted) => void;
  counts: () => Record<Counted, number>;
  /** True once the service takes no more requests. */
  stopping: () => boolean;
  /** The bearer token that commands on this machine find in serve.json. */
  localToken: string;
  /** Somebody is known by name now: the file with the link for who comes first goes. */
  dropFirstLink: () => void;
  /** Signs cookies and form tokens. */
  sessionKey: string;
}

export type Counted = 'issued' | 'repeats';
