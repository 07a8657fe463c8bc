import { signOnSettings, type SignOnSettings } from '../../contract/sign-on/settings.ts';
import { openIssuer, type Issuer } from './issuer.ts';
import type { Services } from '../services.ts';

/** Sign-on with an issuer (OpenID Connect). */
export interface SignOnParts {
  settings: SignOnSettings;
  issuer: Issuer;
}

/** Returns undefined if no issuer is set. The service does not ask the issuer before the first person signs on. */
export function openSignOn({ config }: Pick<Services, 'config'>): SignOnParts | undefined {
  const settings = signOnSettings(config);
  // A change of the wall clock must not change how long the issuer's description is used.
  return settings && { settings, issuer: openIssuer(settings, () => performance.now()) };
}
