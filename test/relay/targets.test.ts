import { describe, expect, it } from 'vitest';
import { targetsIn } from '../../src/relay/targets.ts';

const allowed = (allow: string[], address: string): boolean => targetsIn(allow).problem(new URL(address)) === undefined;

/** What a connection to this name gets: an address, or why not. */
function resolved(allow: string[], address: string): Promise<string> {
  const target = new URL(address);
  return new Promise((resolve) => {
    targetsIn(allow).lookup(target)(target.hostname, {}, (error, found) => {
      resolve(
        error === null
          ? [found]
              .flat()
              .map((one) => (typeof one === 'string' ? one : one.address))
              .join()
          : 'code' in error
            ? String(error.code)
            : error.message,
      );
    });
  });
}

describe('the targets of webhooks', () => {
  it('are the names in the list, in any spelling, and no others', () => {
    const allow = ['erp.example.com', '10.0.8.0/24', '2001:db8::/32'];
    for (const address of [
      'https://erp.example.com/in',
      'https://ERP.example.com./in?key=1',
      'https://erp.example.com:8443/',
      'http://10.0.8.9/',
      'https://[2001:db8::1]/',
      'https://[::ffff:10.0.8.9]/',
      'http://0x0a000809/',
    ])
      expect(allowed(allow, address), address).toBe(true);
    for (const address of [
      'https://example.com/',
      'https://erp.example.com.evil.example/',
      'https://sub.erp.example.com/',
      'http://10.0.9.9/',
      'http://127.0.0.1/',
      'http://2130706433/',
      'http://0x7f.1/',
      'http://[::1]/',
      'http://localhost/',
      'http://169.254.169.254/',
    ])
      expect(allowed(allow, address), address).toBe(false);
    expect(allowed([], 'https://erp.example.com/')).toBe(false);
  });

  it('lead to this machine only if a block of the list has the address', async () => {
    expect(await resolved(['localhost'], 'https://localhost/')).toBe('PRIVATE_ADDRESS');
    expect(await resolved(['localhost', '10.0.0.0/8'], 'https://localhost/')).toBe('PRIVATE_ADDRESS');
    expect(await resolved(['localhost', '127.0.0.0/8', '::1'], 'http://localhost/')).toMatch(/^(127\.0\.0\.1|::1)$/);
  });
});
