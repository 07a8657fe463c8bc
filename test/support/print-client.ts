import { expect } from 'vitest';
import { audit } from './audit.ts';
import { api, type Problem, type Service } from './service.ts';
import { until } from './until.ts';

/** A print job as the API shows it. */
export interface Job {
  id: number;
  uci: string;
  printer: string;
  state: string;
  reason?: string;
  note?: string;
  copies: number;
  firstCopy: number;
  reprint?: string;
}

interface UnitBody {
  status: string;
  labels: number;
  facts: Record<string, string>;
}

export const PRODUCT = 'DEMO';

/** The API calls of the print tests, each of which must succeed. `service`: the one that runs now. */
export function printClient(service: () => Service) {
  const ask = <T>(method: string, path: string, body?: unknown) => api<T & Problem>(service(), method, path, body);
  const ok = async <T>(method: string, path: string, body?: unknown): Promise<T> => {
    const { status, body: answer } = await ask<T>(method, path, body);
    expect(status, JSON.stringify(answer)).toBeLessThan(300);
    return answer;
  };
  const job = async (id: number): Promise<Job> => {
    return ok<Job>('GET', `/v1/print-jobs/${id}`);
  };
  return {
    ask,
    ok,
    job,
    unit: (uci: string) => ok<UnitBody>('GET', `/v1/units/${uci}`),
    printer: (name: string, settings: object) => ok('PUT', `/v1/printers/${name}`, settings),
    raw: (name: string, port: number, limits: object = {}) =>
      ok('PUT', `/v1/printers/${name}`, { kind: 'raw9100', host: '127.0.0.1', port, closeMs: 300, ...limits }),
    make: async (count = 1): Promise<string[]> =>
      (await ok<{ units: { uci: string }[] }>('POST', '/v1/units', { product: PRODUCT, count })).units.map(
        (unit) => unit.uci,
      ),
    print: async (uci: string, printer: string, more: object = {}): Promise<number> =>
      (await ok<{ job: number }>('POST', `/v1/units/${uci}/print`, { printer, ...more })).job,
    reaches: (id: number, ...states: string[]): Promise<Job> =>
      until(async () => {
        const found = await job(id);
        return states.includes(found.state) ? found : undefined;
      }),
    trouble: (name: string): Promise<string> =>
      until(async () => {
        const { printers } = await ok<{ printers: { name: string; trouble?: string }[] }>('GET', '/v1/printers');
        return printers.find((one) => one.name === name)?.trouble;
      }),
    /** An agent at a station's own address. */
    agent: async (key: string, body: object = {}): Promise<{ status: number; id: string }> => {
      const init = { method: 'POST', body: JSON.stringify({ product: PRODUCT, ...body }) };
      const answer = await fetch(`${service().url}/ioto/serialize/${key}`, init);
      return { status: answer.status, id: ((await answer.json()) as { id: string }).id };
    },
    station: async (name: string, settings: object): Promise<string> => {
      await ok('PUT', `/v1/stations/${name}`, settings);
      return (await ok<{ key: string }>('POST', `/v1/stations/${name}/key`)).key;
    },
    jobsOf: async (printer: string): Promise<Job[]> =>
      (await ok<{ jobs: Job[] }>('GET', `/v1/print-jobs?printer=${printer}&reveal=true`)).jobs.toReversed(),
  };
}

/** States of a job in the ledger, from the lines alone. */
export function statesOf(data: string, job: number): string[] {
  const events = audit(data).lines.map(
    (line) => JSON.parse(line) as { type: string; data: { job?: number; state?: string } },
  );
  return events.filter((event) => event.data.job === job).map(({ type, data }) => data.state ?? type);
}
