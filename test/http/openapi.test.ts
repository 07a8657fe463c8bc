import { join } from 'node:path';
import { Validator } from '@seriousme/openapi-schema-validator';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Document, DocumentedOperation } from '../../src/http/openapi.ts';
import { packageRoot } from '../../src/platform/package-root.ts';
import { attempt, idOf } from '../support/agent-wire.ts';
import { bytesOf } from '../support/response-bytes.ts';
import { readDocument, type Promised } from '../support/openapi-document.ts';
import { ADMIN_TOKEN, api, openDesk, startService, tempFolder, type Service } from '../support/service.ts';

describe('/openapi.json', () => {
  let document: Document;
  beforeAll(async () => {
    const desk = await openDesk();
    document = (await (await desk.app.request('/openapi.json')).json()) as Document;
  });

  it('is openapi.json of the repository', async () => {
    await expect(
      `${JSON.stringify(document, null, 2)}\n`,
      'The API has changed. If it is meant to: npm test -- test/http/openapi.test.ts -u, look at the difference, commit it',
    ).toMatchFileSnapshot(join(packageRoot, 'openapi.json'));
  });

  it('is an OpenAPI 3.1 document, and each of its operations has a name of its own', async () => {
    const { valid, errors } = await new Validator().validate({ ...document });
    expect({ valid, errors }).toEqual({ valid: true, errors: undefined });
    const ids = readDocument(document).operations.map(({ operation }) => operation.operationId);
    expect(new Set(ids).size).toBe(ids.length);
    const links = readDocument(document).operations.flatMap(({ operation }) =>
      Object.values(operation.responses).flatMap((response) => Object.values(response.links ?? {})),
    );
    expect(links.filter(({ operationId }) => !ids.includes(operationId))).toEqual([]);
  });
});

/*
 * From here on only what the running service says of itself is known. Its examples tell a story, in this order; within a
 * step it is the document's own. An operation whose parameter neither has an example nor is handed on by a link of
 * an answer before waits until it is.
 */
const STEPS: ((method: string, path: string) => boolean)[] = [
  // A station names its printer.
  (method, path) => method === 'put' && !/\/(stations|units)\//.test(path),
  (method, path) => method === 'put' && !path.includes('/units/'),
  (method, path) => method === 'post' && !path.includes('{'),
  // A device comes in before anybody does anything at its station.
  (method, path) => method === 'post' && /^\/ioto\/|^\/api\/|\/key$/.test(path),
  (method, path) => method === 'post' && !/\/(void|scrap)$/.test(path),
  (method) => method === 'get',
  () => true,
];

/** How files begin. */
const MAGIC: Record<string, RegExp> = {
  'application/pdf': /^%PDF-1\.\d/,
  'application/zpl': /^~JX\^XA/,
  // TSPL.
  'application/octet-stream': /^\r\nSIZE \d+ mm/,
  'image/svg+xml': /^<svg /,
  'image/png': /^\x89PNG\r\n/,
  'text/plain': /^[\x20-\x7e\n]/,
  'text/csv': /^(seq,(uci|at)|(exception,)?claim_id),/,
  'application/jsonl': /^\{"seq":\d+,/,
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet': /^PK/,
  'application/zip': /^PK/,
  'text/event-stream': /^event: state\n/,
  'application/vnd.sqlite3': /^SQLite format 3/,
};

interface Step {
  method: string;
  path: string;
  operation: DocumentedOperation;
}

describe('every operation of the document', () => {
  let service: Service;
  let promised: Promised;
  /** What links of answers handed on: `operationId parameter`. */
  const handedOn = new Map<string, string>();
  beforeAll(async () => {
    service = await startService(tempFolder(), {
      CLAIMSTAMP_BUILDER_LOCAL: 'accept',
      CLAIMSTAMP_SECURITY_CONTACT: 'mailto:a@example.com',
      CLAIMSTAMP_WEBHOOK_ALLOW: 'erp.example.com',
    });
    promised = readDocument((await (await fetch(`${service.url}/openapi.json`)).json()) as Document);
  });
  afterAll(async () => {
    await service.end('SIGTERM');
  });

  it('answers its own example as it says, and the answer fits its schema', async () => {
    const step = ({ method, path }: Step): number => STEPS.findIndex((fits) => fits(method, path));
    // A token has no account, and no session that could be ended: test/http/sign-in-audit.system.test.ts.
    // Only a sample can be released, and a change-over would leave units of the work order open: purpose.test.ts,
    // change-over.test.ts.
    // Only an open exception can be closed: exceptions.test.ts.
    // Only a template with two revisions has changes: label-templates.test.ts.
    // Only a second person approves: label-approvals.test.ts.
    // Only a label that was printed can be drawn again: test/process/printed-labels.system.test.ts.
    // Only a print agent, with the token of its printer, asks for labels: print-agents.system.test.ts.
    // A service with a folder for backups makes one: about.test.ts.
    const elsewhere =
      /^\/v1\/(account|backups$|sessions\/|print-agent\/)|\/(release-sample|change-over|exceptions\/close)$|^\/v1\/label-templates\/[^/]+\/changes$|\/approve$|\/prints\/|^\/v1\/printers\/[^/]+\/(token|password)$/;
    const withToken = promised.operations.filter(({ path }) => !elsewhere.test(path));
    const left: Step[] = withToken.toSorted((a, b) => step(a) - step(b));
    expect(left.length).toBeGreaterThan(35);
    // A label goes to a second printer.
    await api(service, 'PUT', '/v1/printers/zebra-2', { kind: 'raw9100', host: '127.0.0.1', port: 9 });
    // Only a product without units can be removed.
    await api(service, 'PUT', '/v1/products/MISTYPED', {});
    // Only what nothing uses can be removed.
    await api(service, 'PUT', '/v1/stations/UNUSED', {});
    await api(service, 'PUT', '/v1/printers/UNUSED', { kind: 'raw9100', host: '127.0.0.1', port: 9 });
    await api(service, 'PUT', '/v1/products/KEPT', {});
    await api(service, 'PUT', '/v1/work-orders/UNUSED', { product: 'KEPT', planned: 1 });
    await ship('JT08FFQXWX');
    while (left.length > 0) {
      const next = left.findIndex((one) => addressOf(one) !== undefined);
      expect(next, `no example or link for ${left.map(({ path }) => path).join(', ')}`).toBeGreaterThanOrEqual(0);
      await call(left.splice(next, 1)[0] as Step);
    }
  });

  /** Only a unit on a shipping list can be taken off it. */
  async function ship(uci: string): Promise<void> {
    const ask = async (method: string, path: string, body: object): Promise<void> => {
      const { status, body: said } = await api(service, method, path, body);
      expect(status, `${path}: ${JSON.stringify(said)}`).toBeLessThan(300);
    };
    await ask('PUT', '/v1/products/SHIPPED', {});
    await ask('PUT', '/v1/shipping-lists/SHIPPED', { target: 1 });
    await ask('PUT', '/v1/stations/gate', { mode: 'gate', shippingList: 'SHIPPED' });
    await ask('POST', '/v1/units/import', { units: [{ place: 'line 1', uci, device: { product: 'SHIPPED' } }] });
    await ask('POST', '/v1/stations/default/arm', { code: uci, reason: 'rework' });
    idOf(await attempt(service.port, JSON.stringify({ product: 'SHIPPED' })));
    await ask('POST', '/v1/stations/default/verify', { label: uci });
    await ask('POST', '/v1/stations/gate/verify', { label: uci });
  }

  function addressOf({ path, operation }: Step): string | undefined {
    let address = path;
    for (const { name, in: place, required, example } of operation.parameters ?? []) {
      if (place !== 'path' && !required) continue;
      const value = handedOn.get(`${operation.operationId} ${name}`) ?? example;
      if (value === undefined) return undefined;
      const shown = encodeURIComponent(value as string | number);
      if (place === 'path') address = address.replace(`{${name}}`, shown);
      else address += `${address.includes('?') ? '&' : '?'}${name}=${shown}`;
    }
    return address;
  }

  async function call({ method, path, operation }: Step): Promise<void> {
    const address = addressOf({ method, path, operation }) as string;
    const open = (operation['security'] as object[]).length === 0;
    const body = operation.requestBody?.content['application/json'];
    if (operation.requestBody !== undefined) expect(body?.example, `${method} ${path} has an example`).toBeDefined();
    const answer = await fetch(service.url + address, {
      method: method.toUpperCase(),
      headers: open ? {} : { authorization: `Bearer ${ADMIN_TOKEN}` },
      ...(body === undefined ? {} : { body: JSON.stringify(body.example) }),
    });
    const bytes = await bytesOf(answer);
    const [success] = Object.keys(operation.responses).filter((status) => status.startsWith('2'));
    expect(`${method} ${address}: ${answer.status}`, bytes.toString().slice(0, 500)).toBe(
      `${method} ${address}: ${success}`,
    );
    const type = answer.headers.get('content-type');
    const media = type?.split(';')[0] ?? '';
    const json: unknown = media.endsWith('json') ? JSON.parse(bytes.toString()) : undefined;
    promised.check(method, address.replace(/\?.*/, ''), { status: answer.status, type, body: json });
    if (json === undefined) expect(bytes.toString('latin1'), `${method} ${address}`).toMatch(MAGIC[media] ?? /^$/);
    follow(operation.responses[success ?? '']?.links ?? {}, json);
  }

  /** OpenAPI's links: what of this answer is a parameter of another operation. */
  function follow(links: NonNullable<DocumentedOperation['responses'][string]['links']>, body: unknown): void {
    for (const { operationId, parameters } of Object.values(links)) {
      for (const [name, expression] of Object.entries(parameters)) {
        const part = expression.replace('$response.body#/', '');
        handedOn.set(`${operationId} ${name}`, String((body as Record<string, unknown>)[part]));
      }
    }
  }
});

describe('/docs', () => {
  it('has every operation, every permission and every problem, and needs nothing from elsewhere', async () => {
    const desk = await openDesk();
    const page = await (await desk.app.request('/docs')).text();
    const document = (await (await desk.app.request('/openapi.json')).json()) as Document;
    for (const { method, path, operation } of readDocument(document).operations) {
      expect(page).toContain(`id="${operation.operationId}"`);
      expect(page).toContain(`<span class="method">${method.toUpperCase()}</span> <code>${path}</code>`);
    }
    expect(page).not.toMatch(/<script|<style| style=| on\w+=|@import/i);
    for (const [, address = ''] of page.matchAll(/(?:href|src|action)="([^"]*)"/g)) {
      expect(address).toMatch(/^(#[\w.-]+|\/[\w./-]*|data:,)$/);
      if (address.startsWith('#')) expect(page).toContain(`id="${address.slice(1)}"`);
      if (address.startsWith('/')) expect((await desk.app.request(address)).status, address).toBe(200);
    }
  });
});
