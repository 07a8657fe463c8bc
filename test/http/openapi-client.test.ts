import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { lint, loadConfig } from '@redocly/openapi-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { packageRoot } from '../../src/platform/package-root.ts';
import { ADMIN_TOKEN, startService, tempFolder, type Service } from '../support/service.ts';

const DOCUMENT = join(packageRoot, 'openapi.json');

/** Inside the package, so that the client finds its libraries. */
const FOLDER = join(packageRoot, 'dist', 'openapi-client');

let service: Service;
beforeAll(async () => {
  service = await startService(tempFolder());
});
afterAll(() => service.end('SIGTERM'));

it('openapi.json passes the strict rules of redocly.yaml', async () => {
  const config = await loadConfig({ configPath: join(packageRoot, 'redocly.yaml') });
  const problems = await lint({ ref: DOCUMENT, config });
  expect(problems.map(({ ruleId, message, location }) => `${ruleId}: ${message} ${location[0]?.pointer}`)).toEqual([]);
});

it('a client generated from openapi.json type-checks, and its calls are answered as typed', () => {
  mkdirSync(FOLDER, { recursive: true });
  const node = (...args: string[]): string =>
    execFileSync(process.execPath, args, {
      cwd: packageRoot,
      encoding: 'utf8',
      env: { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' },
    });
  const hook = './test/support/openapi/typescript5.mjs';
  node('--import', hook, 'node_modules/openapi-typescript/bin/cli.js', DOCUMENT, '-o', join(FOLDER, 'api.d.ts'));
  writeFileSync(join(FOLDER, 'client.ts'), CLIENT);
  const options = ['--strict', '--target', 'es2022', '--module', 'nodenext', '--skipLibCheck', '--types', 'node'];
  node('node_modules/typescript/bin/tsc', '--ignoreConfig', ...options, join(FOLDER, 'client.ts'));
  const said: unknown = JSON.parse(node(join(FOLDER, 'client.js'), service.url, ADMIN_TOKEN));
  expect(said).toMatchObject({
    product: 'Thermostat',
    letters: 10,
    products: ['TH-1'],
    problem: 'urn:claimstamp:problem:not-found',
  });
});

/** A wrong path, method, parameter or property name here does not compile. */
const CLIENT = `
import createClient from 'openapi-fetch';
import type { paths } from './api.js';

const [baseUrl, token] = process.argv.slice(2) as [string, string];
const api = createClient<paths>({ baseUrl, headers: { authorization: \`Bearer \${token}\` } });

const set = await api.PUT('/v1/products/{id}', { params: { path: { id: 'TH-1' } }, body: { name: 'Thermostat' } });
const issued = await api.POST('/ioto/serialize', { body: { product: 'TH-1' } });
const listed = await api.GET('/v1/products');
const missing = await api.GET('/v1/units/{uci}', { params: { path: { uci: '0000000000' } } });
const product: string | undefined = set.data?.name;
const id: string | undefined = issued.data?.id;
const products: string[] | undefined = listed.data?.products.map((one) => one.id);
const problem: string | undefined = missing.error?.type;
// @ts-expect-error There is no such property.
void listed.data?.product;
console.log(JSON.stringify({ product, letters: id?.length, products, problem }));
`;
