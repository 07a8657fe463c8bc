import { isObject } from '../model/event.ts';
import type { Outcome } from '../model/unit.ts';

/** The vendor's cloud, behind one address. */
export interface Cloud {
  /** One registration, passed on as it is. Throws `cloud-unreachable` where no usable answer came in time. */
  register(request: CloudRequest): Promise<CloudAnswer>;
}

export interface CloudRequest {
  body: Uint8Array;
  authorization: string | undefined;
}

/** Its body may hold access tokens and certificates: it goes to the device, and nowhere else. */
export interface CloudAnswer {
  status: number;
  contentType: string | undefined;
  body: Uint8Array;
}

/** Too slow, too early, too often (RFC 9110, 8470, 6585): of the moment, not of the device. */
const ASKS_AGAIN = new Set([408, 425, 429]);

/**
 * What an agent makes of an answer (agent contract, registration, 3): status 200 with a JSON object of two properties is
 * registered, with more claimed. A client's error (4xx) is refused; any other answer says nothing about the device.
 */
export function outcomeOf({ status, body }: CloudAnswer): Outcome {
  if (status >= 400 && status < 500 && !ASKS_AGAIN.has(status)) return 'refused';
  if (status !== 200) return 'unreachable';
  try {
    const said: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
    const properties = isObject(said) ? Object.keys(said).length : 0;
    if (properties < 2) return 'unreachable';
    return properties === 2 ? 'registered' : 'claimed';
  } catch {
    return 'unreachable';
  }
}

/** `account` and `cloud` of a pre-claimed product, where the firmware left them out. The rest stays byte for byte. */
export function withClaim(text: string, added: { account?: string | undefined; cloud?: string | undefined }): string {
  const device = JSON.parse(text) as object;
  const missing = Object.entries(added).filter(([name, value]) => value !== undefined && !Object.hasOwn(device, name));
  if (missing.length === 0) return text;
  const end = text.lastIndexOf('}');
  const comma = Object.keys(device).length === 0 ? '' : ',';
  const members = missing.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`).join(',');
  return text.slice(0, end) + comma + members + text.slice(end);
}
