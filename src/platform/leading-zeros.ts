/*
 * 127.000.000.010 is 127.0.0.10 for some programs and, read as octal, 127.0.0.8 for others. RFC 3986 (3.2.2) allows no
 * leading zeros in an IPv4 address, so every setting that takes an address refuses them.
 */

/** True if the host is written as an IPv4 address with leading zeros. */
export function hasLeadingZeros(host: string): boolean {
  return /^(::ffff:)?\d+(\.\d+){1,3}\.?$/i.test(host) && /(^|[.:])0\d/.test(host);
}

/** Looks at the host of a URL as it is written: a parsed URL has another number already. */
export function hasUrlLeadingZeros(url: string): boolean {
  const host = /^[a-z][a-z0-9+.-]*:\/\/(?:[^@/?#]*@)?(\[[^\]]*\]|[^:/?#]*)/i.exec(url.trim())?.[1] ?? '';
  return hasLeadingZeros(host.replace(/^\[(.*)\]$/, '$1'));
}
