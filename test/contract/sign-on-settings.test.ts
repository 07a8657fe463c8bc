import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { examineConfig } from '../../src/config.ts';
import { signOnSettings } from '../../src/contract/sign-on/settings.ts';

const folder = mkdtempSync(join(tmpdir(), 'claimstamp-sign-on-'));
afterAll(() => rmSync(folder, { recursive: true }));

const GOOD = {
  CLAIMSTAMP_PUBLIC_URL: 'https://factory.example.com/',
  CLAIMSTAMP_SIGN_ON_ISSUER: 'https://login.example.com/realms/factory',
  CLAIMSTAMP_SIGN_ON_CLIENT: 'claimstamp',
  CLAIMSTAMP_SIGN_ON_ROLES: 'claimstamp-admins=admin, line-leads = lead',
};
const problems = (env: Record<string, string | undefined>): string[] => examineConfig({ ...GOOD, ...env }).problems;
const read = (env: Record<string, string | undefined>) => {
  const { config, problems: found } = examineConfig({ ...GOOD, ...env });
  expect(found).toEqual([]);
  return config && signOnSettings(config);
};

describe('the settings for sign-on', () => {
  it('are off by default, and need only four settings', () => {
    const { config } = examineConfig({});
    expect(config && signOnSettings(config)).toBeUndefined();
    expect(read({})).toEqual({
      issuer: 'https://login.example.com/realms/factory',
      client: 'claimstamp',
      roles: [
        { group: 'claimstamp-admins', role: 'admin' },
        { group: 'line-leads', role: 'lead' },
      ],
      claim: 'groups',
      scopes: ['openid', 'profile'],
      backChannel: false,
      name: 'login.example.com',
      publicUrl: 'https://factory.example.com',
    });
  });

  it('take groups with commas from the file, and the secret from a file', () => {
    const [file, secret] = [join(folder, 'claimstamp.json5'), join(folder, 'secret')];
    writeFileSync(file, `{ signOnRoles: ['CN=leads,OU=plant 2,DC=example=lead', 'qa=qa'] }`);
    writeFileSync(secret, 'a-secret-of-the-tests\n');
    const settings = read({
      CLAIMSTAMP_CONFIG: file,
      CLAIMSTAMP_SIGN_ON_ROLES: undefined,
      CLAIMSTAMP_SIGN_ON_SECRET_FILE: secret,
    });
    expect(settings?.roles[0]).toEqual({ group: 'CN=leads,OU=plant 2,DC=example', role: 'lead' });
    expect(settings?.secret).toBe('a-secret-of-the-tests');
  });

  it.each([
    [
      'no client',
      { CLAIMSTAMP_SIGN_ON_CLIENT: undefined },
      'CLAIMSTAMP_SIGN_ON_ISSUER needs CLAIMSTAMP_SIGN_ON_CLIENT',
    ],
    ['no table', { CLAIMSTAMP_SIGN_ON_ROLES: undefined }, 'CLAIMSTAMP_SIGN_ON_ISSUER needs CLAIMSTAMP_SIGN_ON_ROLES'],
    [
      'no public address',
      { CLAIMSTAMP_PUBLIC_URL: undefined },
      'CLAIMSTAMP_SIGN_ON_ISSUER needs CLAIMSTAMP_PUBLIC_URL',
    ],
    ['no issuer', { CLAIMSTAMP_SIGN_ON_ISSUER: undefined }, 'need CLAIMSTAMP_SIGN_ON_ISSUER'],
    ['an empty table', { CLAIMSTAMP_SIGN_ON_ROLES: ',' }, 'CLAIMSTAMP_SIGN_ON_ROLES is empty'],
    ['a group without a role', { CLAIMSTAMP_SIGN_ON_ROLES: 'leads' }, 'must be GROUP=ROLE'],
    ['an unknown role', { CLAIMSTAMP_SIGN_ON_ROLES: 'leads=boss' }, '"boss" is not a role for "leads"'],
    ['auditors', { CLAIMSTAMP_SIGN_ON_ROLES: 'audit=auditor' }, 'cannot be auditor'],
    ['a group twice', { CLAIMSTAMP_SIGN_ON_ROLES: 'a=lead,a=qa' }, 'names a group twice'],
    ['http', { CLAIMSTAMP_SIGN_ON_ISSUER: 'http://login.example.com' }, 'must begin with https://'],
    ['no address', { CLAIMSTAMP_SIGN_ON_ISSUER: 'login.example.com' }, 'must be an address such as'],
    ['a query', { CLAIMSTAMP_SIGN_ON_ISSUER: 'https://login.example.com/?a=b' }, 'without "?"'],
    [
      'the address of the document',
      { CLAIMSTAMP_SIGN_ON_ISSUER: 'https://login.example.com/.well-known/openid-configuration' },
      'leave out "/.well-known/',
    ],
    [
      'accounts of every company',
      { CLAIMSTAMP_SIGN_ON_ISSUER: 'https://login.microsoftonline.com/common/v2.0' },
      'replace "common" with your own tenant ID',
    ],
    ['no openid', { CLAIMSTAMP_SIGN_ON_SCOPES: 'profile' }, 'must contain openid'],
    ['another way of logout', { CLAIMSTAMP_SIGN_ON_LOGOUT: 'front-channel' }, 'CLAIMSTAMP_SIGN_ON_LOGOUT'],
  ])('with %s are refused by `config check`', (_what, env, sentence) => {
    expect(problems(env).join('\n')).toContain(sentence);
    expect(problems(env)).toHaveLength(1);
  });

  it('allow http for an issuer on this machine', () => {
    expect(problems({ CLAIMSTAMP_SIGN_ON_ISSUER: 'http://127.0.0.1:8080/realms/x' })).toEqual([]);
  });
});
