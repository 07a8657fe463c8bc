import type { Config } from '../../config.ts';
import { signOnSettings } from '../../contract/sign-on/settings.ts';
import { openIssuer } from '../../http/sign-on/issuer.ts';
import { messageOf } from '../../platform/error.ts';
import type { Api } from '../api.ts';
import type { Finding } from './finding.ts';

/** Asks the issuer for its description. If the issuer is down, people cannot sign on, but devices are not affected. */
export async function issuerFindings(config: Config): Promise<Finding[]> {
  const settings = signOnSettings(config);
  if (settings === undefined) return [];
  try {
    const sendsLogout = await openIssuer(settings, () => performance.now()).sendsLogout();
    if (settings.backChannel && !sendsLogout) return [warning(`${settings.issuer} offers no back-channel logout`)];
    return [{ check: 'sign-on', state: 'ok', text: `${settings.issuer} answers` }];
  } catch (error) {
    return [warning(messageOf(error))];
  }
}

/** Warns if no admin has a password. While the issuer is down, only a local admin with a password can sign in. */
export async function localAdminFindings(config: Config, api: Api): Promise<Finding[]> {
  if (signOnSettings(config) === undefined) return [];
  const { people } = await api.call('GET /v1/people');
  const hasAdmin = people.some((one) => one.role === 'admin' && one.hasPassword && one.removedAt === undefined);
  return hasAdmin ? [] : [warning('no admin has a password: if the issuer is down, no one can sign in')];
}

function warning(text: string): Finding {
  return { check: 'sign-on', state: 'warning', text };
}
