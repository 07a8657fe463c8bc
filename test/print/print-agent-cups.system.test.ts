import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startCups, type Cups } from '../../harness/cups.ts';
import { openPaper, type Paper } from '../../harness/paper.ts';
import { startAgent, type Agent, type AgentSettings } from '../support/print-agent.ts';
import { printClient, statesOf } from '../support/print-client.ts';
import { ADMIN_TOKEN, secrets, startService, tempFolder, type Service } from '../support/service.ts';
import { until } from '../support/until.ts';

/* A print agent on a PC whose printer is a queue of a real CUPS. */

let service: Service;
let paper: Paper;
let cups: Cups;
let settings: AgentSettings;
let agent: Agent;
const on = printClient(() => service);

beforeAll(async () => {
  service = await startService(tempFolder());
  paper = await openPaper();
  cups = await startCups(paper.port);
  await on.printer('pc', { kind: 'agent', format: 'pdf', dpi: 300, silentMs: 2000 });
  const { token } = await on.ok<{ token: string }>('POST', '/v1/printers/pc/token', {});
  secrets.add(token);
  settings = { url: service.url, token, to: cups.url, state: tempFolder() };
  agent = startAgent(settings);
  await until(() => agent.log().includes('connected to the service'));
});
afterAll(async () => {
  await agent.end('SIGTERM');
  await cups.close();
  await paper.close();
  await service.end('SIGTERM');
});
beforeEach(() => void paper.documents.splice(0));

async function labelOf(uci: string): Promise<Buffer> {
  const headers = { authorization: `Bearer ${ADMIN_TOKEN}` };
  return Buffer.from(
    await (await fetch(`${service.url}/v1/units/${uci}/label.pdf?dpi=300`, { headers })).arrayBuffer(),
  );
}

/** The Claim IDs of the labels that came out, in their order. */
async function cameOut(ucis: string[]): Promise<string[]> {
  const labels = await Promise.all(ucis.map(async (uci) => ({ uci, pdf: await labelOf(uci) })));
  return paper.documents.map((document) => labels.find(({ pdf }) => pdf.equals(document))?.uci ?? 'another document');
}

async function queue(count: number): Promise<{ ucis: string[]; jobs: number[] }> {
  const ucis = await on.make(count);
  const jobs: number[] = [];
  for (const uci of ucis) jobs.push(await on.print(uci, 'pc'));
  return { ucis, jobs };
}

const troubleIs = (pattern: RegExp): Promise<boolean> => until(async () => pattern.test(await on.trouble('pc')));

describe('a print agent with a queue of CUPS', () => {
  it('prints each label once and in order, and the word of CUPS makes the unit printed', async () => {
    const { ucis, jobs } = await queue(3);
    for (const job of jobs) await on.reaches(job, 'done');
    expect(await cameOut(ucis)).toEqual(ucis);
    for (const job of jobs) expect(statesOf(service.data, job)).toEqual(['sending', 'printed']);
    for (const uci of ucis) expect(await on.unit(uci)).toMatchObject({ status: 'printed', labels: 1 });
  });

  it('a paused queue gets no label: it waits with the reason, and prints once when the queue runs', async () => {
    await cups.pause();
    const { ucis, jobs } = await queue(2);
    await troubleIs(/printer pc: it has stopped \(paused/);
    expect(paper.documents).toEqual([]);
    for (const job of jobs) expect(statesOf(service.data, job)).toEqual([]);
    await cups.resume();
    for (const job of jobs) await on.reaches(job, 'done');
    expect(await cameOut(ucis)).toEqual(ucis);
  });

  it('a queue that rejects jobs gets no label: it waits with the reason, and counts none', async () => {
    await cups.reject();
    const { ucis, jobs } = await queue(1);
    await troubleIs(/printer pc: it is not accepting jobs/);
    expect(await on.unit(ucis[0] ?? '')).toMatchObject({ labels: 0 });
    await cups.accept();
    for (const job of jobs) await on.reaches(job, 'done');
    expect(await cameOut(ucis)).toEqual(ucis);
    expect(await on.unit(ucis[0] ?? '')).toMatchObject({ labels: 1 });
  });

  it('CUPS that is restarted while labels wait prints each once', async () => {
    await cups.down();
    const { ucis, jobs } = await queue(2);
    await troubleIs(/refused the connection/);
    await cups.up();
    for (const job of jobs) await on.reaches(job, 'done');
    expect(await cameOut(ucis)).toEqual(ucis);
  });

  it('a printer that is off keeps its label in CUPS, and the labels after it wait at the service', async () => {
    await paper.hold();
    const { ucis, jobs } = await queue(2);
    await until(() => paper.waiting() === 1);
    const [first = 0, second = 0] = jobs;
    expect((await on.job(first)).state).toBe('sending');
    expect((await on.job(second)).state).toBe('queued');
    paper.release(false);
    for (const job of jobs) await on.reaches(job, 'done');
    expect(await cameOut(ucis)).toEqual(ucis);
  });

  it('an agent that is killed while CUPS has its label: unknown, and the label comes out once', async () => {
    await paper.hold();
    const { ucis, jobs } = await queue(2);
    await until(() => paper.waiting() === 1);
    await agent.end('SIGKILL');
    const [first = 0, second = 0] = jobs;
    await on.reaches(first, 'unknown');
    paper.release(false);
    agent = startAgent(settings);
    await on.reaches(second, 'done');
    expect(await cameOut(ucis)).toEqual(ucis);
    expect((await on.job(first)).state).toBe('unknown');
    expect(await on.unit(ucis[0] ?? '')).toMatchObject({ labels: 1 });
  });
});
