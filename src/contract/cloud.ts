import { isObject } from '../model/event.ts';
import type { Outcome } from '../model/unit.ts';

/** The vendor's cloud. */
export interface Cloud {
  /** Passes on one registration unchanged. Throws `cloud-unreachable` when no usable answer arrives in time. */
  register(request: CloudRequest): Promise<CloudAnswer>;
}

export interface CloudRequest {
  body: Uint8Array;
  authorization: string | undefined;
}

/** The body may contain access tokens and certificates: it is passed to the device only, never stored or logged. */
export interface CloudAnswer {
  status: number;
  contentType: string | undefined;
  body: Uint8Array;
}

/** Too slow, too early, too often (RFC 9110, 8470, 6585): temporary, and not the device's fault. */
const ASKS_AGAIN = new Set([408, 425, 429]);

/**
 * How an agent reads an answer (agent contract, registration, 3): status 200 with a JSON object of two properties means
 * registered, with more properties claimed. Other 4xx mean refused; any other answer says nothing about the device.
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

/** Adds `account` and `cloud` of a pre-claimed product if the firmware left them out; other bytes stay unchanged. */
export function withClaim(text: string, added: { account?: string | undefined; cloud?: string | undefined }): string {
  const device = JSON.parse(text) as object;
  const missing = Object.entries(added).filter(([name, value]) => value !== undefined && !Object.hasOwn(device, name));
  if (missing.length === 0) return text;
  const end = text.lastIndexOf('}');
  const comma = Object.keys(device).length === 0 ? '' : ',';
  const members = missing.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`).join(',');
  return text.slice(0, end) + comma + members + text.slice(end);
}
