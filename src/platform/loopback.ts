import { isIPv4 } from 'node:net';

/** True for the name `localhost` and the loopback addresses. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIPv4(host) && host.startsWith('127.'));
}
