import { isObject } from '../model/event.ts';
import type { Outcome } from '../model/unit.ts';

/** The device cloud of the vendor. */
export interface Cloud {
  /** Sends one registration to the cloud unchanged. Throws `cloud-unreachable` if there is no usable answer in time. */
  register(request: CloudRequest): Promise<CloudAnswer>;
}

export interface CloudRequest {
  body: Uint8Array;
  authorization: string | undefined;
  /** The sender of the request: the station's key or an address (`senderOf`). The sender is not sent to the cloud. */
  sender: string;
}

/**
 * The body may contain access tokens and certificates. So the body is sent only to the device, and the service never
 * stores or logs the body.
 */
export interface CloudAnswer {
  status: number;
  contentType: string | undefined;
  body: Uint8Array;
}

/**
 * The statuses for "request timeout", "too early" and "too many requests" (RFC 9110, 8470, 6585). These statuses report
 * temporary faults that the device has not caused.
 */
const ASKS_AGAIN = new Set([408, 425, 429]);

/**
 * Reads an answer of the device cloud in the same way as an agent does (agent contract, registration, 3). If the status
 * is 200, the body is a JSON object. A body with two properties means that the device is registered. A body with more
 * properties means that the device is claimed. Statuses from 400 to 499 mean that the device is refused, except for
 * those in `ASKS_AGAIN`. All other statuses say nothing about the state of the device.
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
 * For a pre-claimed product, adds `account` and `cloud` to the request if the firmware did not send them. All other
 * bytes of the request remain unchanged.
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
