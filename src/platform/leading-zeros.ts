/*
 * Some programs read 127.000.000.010 as 127.0.0.10, and others, which read octal numbers, as 127.0.0.8. RFC 3986
 * (3.2.2) does not allow leading zeros in an IPv4 address, so every address setting refuses them.
 */

/** True if the host is written as an IPv4 address with leading zeros. */
export function hasLeadingZeros(host: string): boolean {
  return /^(::ffff:)?\d+(\.\d+){1,3}\.?$/i.test(host) && /(^|[.:])0\d/.test(host);
}

/** Looks at the host as it is written in a URL, because parsing the URL would already have changed the number. */
export function hasUrlLeadingZeros(url: string): boolean {
  const host = /^[a-z][a-z0-9+.-]*:\/\/(?:[^@/?#]*@)?(\[[^\]]*\]|[^:/?#]*)/i.exec(url.trim())?.[1] ?? '';
  return hasLeadingZeros(host.replace(/^\[(.*)\]$/, '$1'));
}
