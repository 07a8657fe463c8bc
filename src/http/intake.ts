import { openGateScans } from './gate-scans.ts';
import type { Config } from '../config.ts';
import type { Hub } from '../contract/hub.ts';
import type { Ledger } from '../contract/ledger.ts';
import type { Neighbours } from '../contract/neighbours.ts';
import type { Introduced } from '../model/limits.ts';
import type { Log } from '../platform/log.ts';
import { openGate } from './admission.ts';
import { countOutcomes } from './counts.ts';
import { openLimits } from './limits.ts';
import { openLinkAddresses } from './link-address.ts';
import { countRefusals } from './refusals.ts';
import type { Services } from './services.ts';
import { openSignInAudit } from './sign-in-audit.ts';
import { readsSource } from './source.ts';
import { countTraffic } from './traffic.ts';

type Intake = Pick<
  Services,
  | 'gate'
  | 'gateScans'
  | 'links'
  | 'limits'
  | 'refusals'
  | 'alarms'
  | 'traffic'
  | 'source'
  | 'signInAudit'
  | 'count'
  | 'counts'
>;

interface IntakeParts {
  config: Config;
  log: Log;
  hub: Hub;
  now: () => number;
  introduced: Introduced;
  neighbours: Neighbours;
}

/**
 * Opens the parts that check and count each agent request before it is answered: the station check, the limits and the
 * counters.
 */
export async function openIntake(
  ledger: Ledger,
  { config, log, hub, now, introduced, neighbours }: IntakeParts,
): Promise<Intake> {
  const alarms = countRefusals(log, now, hub.publish, 'alarm');
  const advice = countRefusals(
    log,
    now,
    () => {},
    'a request exceeded a limit: the service only logs this for now, and will refuse such requests later',
  );
  const source = readsSource(config.trustedProxies);
  return {
    gate: await openGate(ledger, config, now),
    gateScans: openGateScans(now),
    links: await openLinkAddresses({ ledger, config, neighbours, source, alarms }),
    limits: openLimits(config, { introduced, now, clock: () => performance.now(), alarms, advice }),
    refusals: countRefusals(log, now, hub.publish),
    alarms,
    traffic: countTraffic(log, now),
    source,
    signInAudit: openSignInAudit({ ledger, log, now }),
    ...countOutcomes(),
  };
}
