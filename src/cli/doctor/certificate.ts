import { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import type { Sound } from '../../config.ts';
import { readPair, type Pair } from '../../platform/tls.ts';
import type { Finding } from './finding.ts';

/**
 * A certificate is reported if it expires in fewer days than this. The forecasts of the service use the same number.
 */
const CERTIFICATE_DAYS = 14;
const DAY_MS = 24 * 60 * 60 * 1000;

/**
 * Checks the dates and the names of the certificate. Browsers and devices reject a certificate that is not valid today,
 * or that does not name the host they connect to.
 */
export function certificateFindings({ tlsCert, tlsKey, publicUrl }: Sound, now: number): Finding[] {
  const pair = readable(tlsCert, tlsKey);
  if (pair === undefined) return [];
  const host = publicUrl?.startsWith('https:') === true ? new URL(publicUrl).hostname : undefined;
  return [validity(pair, now), ...(host === undefined ? [] : naming(pair, host))].map((finding) => ({
    ...finding,
    check: 'certificate',
    text: `the certificate in ${tlsCert} ${finding.text}`,
  }));
}

/**
 * Reads the certificate and its key. Returns undefined if these files cannot be used: the check of the settings reports
 * this.
 */
function readable(cert: string | undefined, key: string | undefined): Pair | undefined {
  if (cert === undefined || key === undefined) return undefined;
  try {
    return readPair(cert, key);
  } catch {
    return undefined;
  }
}

type Judged = Omit<Finding, 'check'>;

function validity({ validFrom, chainEnds }: Pair, now: number): Judged {
  if (now < Date.parse(validFrom))
    return { state: 'problem', text: `is valid only from ${validFrom}: replace it, or set the clock` };
  const days = Math.floor((chainEnds - now) / DAY_MS);
  const text = `is valid until ${new Date(chainEnds).toISOString()}, including its chain`;
  if (days < 0) return { state: 'problem', text: `${text}: replace it` };
  return days < CERTIFICATE_DAYS ? { state: 'warning', text: `${text}: replace it` } : { state: 'ok', text };
}

/**
 * Warns if the certificate does not name this host. A proxy in front of the service can have its own certificate, so
 * this is only a warning.
 */
function naming({ cert, names }: Pair, host: string): Judged[] {
  const own = new X509Certificate(cert);
  const address = host.replace(/^\[(.*)\]$/, '$1');
  const named = isIP(address) === 0 ? own.checkHost(address) : own.checkIP(address);
  if (named !== undefined) return [];
  return [
    {
      state: 'warning',
      text: `is for ${names}, but CLAIMSTAMP_PUBLIC_URL names ${host}: at this address, browsers and devices reject it`,
    },
  ];
}
