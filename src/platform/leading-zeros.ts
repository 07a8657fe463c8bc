/*
 * Some programs read 127.000.000.010 as 127.0.0.10. Others read the numbers as octal, which gives 127.0.0.8. RFC 3986
 * (3.2.2) does not allow leading zeros in an IPv4 address, so all settings for addresses refuse them.
 */

/** True if the host is written as an IPv4 address with leading zeros. */
export function hasLeadingZeros(host: string): boolean {
  return /^(::ffff:)?\d+(\.\d+){1,3}\.?$/i.test(host) && /(^|[.:])0\d/.test(host);
}

/** Checks the host as written in the URL, because parsing a URL changes such numbers. */
export function hasUrlLeadingZeros(url: string): boolean {
  const host = /^[a-z][a-z0-9+.-]*:\/\/(?:[^@/?#]*@)?(\[[^\]]*\]|[^:/?#]*)/i.exec(url.trim())?.[1] ?? '';
  return hasLeadingZeros(host.replace(/^\[(.*)\]$/, '$1'));
}
