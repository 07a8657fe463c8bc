import { describe, expect, it } from 'vitest';
import { isCode } from '../../src/error.ts';
import { openDesk } from '../support.ts';

describe('the ledger over SQLite', () => {
  it('refuses commands once it is closed, and says that it has stopped', async () => {
    const desk = await openDesk();
    await desk.close();
    const late = desk.house.ledger.record({ kind: 'cancel', station: 'default', actor: 'admin' });
    await expect(late).rejects.toSatisfy((error) => isCode(error, 'stopping'));
    expect(await desk.house.ledger.problems()).toEqual(['the ledger has stopped: restart the service']);
  });

  it('finishes what was asked before it was closed', async () => {
    const desk = await openDesk();
    const asked = Array.from({ length: 50 }, () => desk.agent({ product: 'DEMO' }));
    // The requests reach the ledger before the close does.
    await new Promise((resolve) => setImmediate(resolve));
    await desk.close();
    const answers = await Promise.all(asked);
    const again = await openDesk({}, desk.data);
    for (const { status, body } of answers) {
      expect([200, 503]).toContain(status);
      if (status === 200) expect((await again.ask('GET', `/v1/units/${body.id}`)).status).toBe(200);
    }
    expect(answers.filter(({ status }) => status === 200).length).toBeGreaterThan(0);
  });

  it('requests of one moment share a commit', async () => {
    const desk = await openDesk();
    const before = desk.house.ledger.figures();
    const answers = await Promise.all(Array.from({ length: 200 }, () => desk.agent({ product: 'DEMO' })));
    const after = desk.house.ledger.figures();
    expect(new Set(answers.map(({ body }) => body.id)).size).toBe(200);
    expect(after.commands - before.commands).toBe(200);
    expect(after.commits - before.commits).toBeLessThan(50);
  });

  it('a refused command in a group leaves the others as they are', async () => {
    const desk = await openDesk();
    const asked = Array.from({ length: 40 }, (_, i) => desk.agent(i % 4 === 0 ? {} : { product: 'DEMO' }));
    const statuses = (await Promise.all(asked)).map(({ status }) => status);
    expect(statuses.filter((status) => status === 400).length).toBe(10);
    expect(statuses.filter((status) => status === 200).length).toBe(30);
  });
});
