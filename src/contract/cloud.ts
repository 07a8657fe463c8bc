import { isObject } from '../model/event.ts';
import type { Outcome } from '../model/unit.ts';

/** The vendor's cloud. */
export interface Cloud {
  /** Sends one registration to the cloud unchanged. Throws `cloud-unreachable` if no usable answer arrives in time. */
  register(request: CloudRequest): Promise<CloudAnswer>;
}

export interface CloudRequest {
  body: Uint8Array;
  authorization: string | undefined;
  /** The station's key or the address that sent the request (`senderOf`). The cloud does not get the sender. */
  sender: string;
}

/**
 * The body may contain access tokens and certificates. So only the device gets the body, and the service never stores
 * or logs the body.
 */
export interface CloudAnswer {
  status: number;
  contentType: string | undefined;
  body: Uint8Array;
}

/**
 * The statuses for request timeout, too early and too many requests (RFC 9110, 8470, 6585). They report temporary
 * faults that are not the device's.
 */
const ASKS_AGAIN = new Set([408, 425, 429]);

/**
 * Reads an answer from the device cloud as an agent does (agent contract, registration, 3). With status 200, the body
 * is a JSON object: two properties mean registered, and more properties mean claimed. Statuses from 400 to 499 mean
 * refused, except the statuses in `ASKS_AGAIN`. An answer with another status says nothing about the device.
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

/**
 * Adds `account` and `cloud` of a pre-claimed product if the firmware did not send them. All other bytes of the request
 * stay unchanged.
 */
export function withClaim(text: string, added: { account?: string | undefined; cloud?: string | undefined }): string {
  const device: object = JSON.parse(text);
  const missing = Object.entries(added).filter(([name, value]) => value !== undefined && !Object.hasOwn(device, name));
  if (missing.length === 0) return text;
  const end = text.lastIndexOf('}');
  const comma = Object.keys(device).length === 0 ? '' : ',';
  const members = missing.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`).join(',');
  return text.slice(0, end) + comma + members + text.slice(end);
}
