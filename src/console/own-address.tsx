import { isReachable } from '../config.ts';
import { hostsOf } from '../http/listeners.ts';
import { publicAddress } from '../http/routes/station-keys.ts';
import type { Services } from '../http/services.ts';
import { isLoopback } from '../platform/loopback.ts';
import { SET_UP } from '../../words/console/set-up.ts';
import { HowToSet } from './how-to-set.tsx';
import { Secret } from './parts.tsx';
import type { PageContext } from './pages.tsx';

/* The addresses of the service, for devices and for the screens of other machines. */

/**
 * Returns the addresses at which devices reach the service, the best one first. If the service listens on this machine
 * only, returns the address of this page.
 */
export function addressesOf({ c }: PageContext, services: Services): string[] {
  const { config } = services;
  const here = publicAddress(c, services);
  // The addresses of a container's own network cannot be reached from outside.
  if (config.publicUrl !== undefined || config.startedBy === 'container' || !isReachable(config)) return [here];
  const { protocol, port } = new URL(here);
  const hosts = hostsOf(config.host).filter((host) => !isLocal(host));
  return hosts.length === 0 ? [here] : hosts.map((host) => `${protocol}//${host}${port === '' ? '' : `:${port}`}`);
}

function isLocal(host: string): boolean {
  return isLoopback(host.replace(/[[\]]/g, ''));
}

/** Says that no device can reach the service, or names the other addresses at which devices can reach it. */
export function Reach({ page, services }: { page: PageContext; services: Services }) {
  const { say } = page;
  const { config } = services;
  if (!isReachable(config)) return <p class="refused">{say(SET_UP, 'notReachable', { host: config.host })}</p>;
  const [, ...others] = addressesOf(page, services);
  if (others.length === 0) return null;
  return <p class="soft">{say(SET_UP, 'otherAddresses', { addresses: others.join(', ') })}</p>;
}

interface AddressProps {
  page: PageContext;
  services: Services;
  name: string;
  text: string;
}

/** A link, or an address that contains a key: the page shows it only once. */
export function SecretAddress({ page, services, name, text }: AddressProps) {
  return (
    <>
      <Secret page={page} name={name} text={text} />
      <LocalOnly page={page} services={services} />
    </>
  );
}

/**
 * Warns if the link or address that this page shows does not work on other machines, and says how to get one that does.
 */
function LocalOnly({ page, services }: { page: PageContext; services: Services }) {
  const { say } = page;
  const { config } = services;
  const isContainer = config.publicUrl === undefined && config.startedBy === 'container';
  if (!isContainer && !isLocal(new URL(publicAddress(page.c, services)).hostname)) return null;
  if (!isContainer && isReachable(config))
    return <p class="refused">{say(SET_UP, 'localPage', { addresses: addressesOf(page, services).join(', ') })}</p>;
  return (
    <div class="refused">
      <p>{say(SET_UP, isContainer ? 'localContainer' : 'localService', { host: config.host })}</p>
      {isContainer ? (
        <HowToSet page={page} config={config} given={[['publicUrl', 'http://claimstamp.factory.lan:4100']]} />
      ) : (
        <a href="/set-up">{say(SET_UP, 'toSetUp')}</a>
      )}
    </div>
  );
}
