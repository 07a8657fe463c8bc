import { expect, test } from 'vitest';
import { accessReport } from '../../src/cli/access-report.ts';
import { endOf } from '../../src/model/person.ts';
import { openLine, PRODUCT } from '../support/map-ledger.ts';

const actor = 'admin';

test('a restore says until when auditors have access and to which products, and leaves out those whose day is over', () => {
  const line = openLine();
  const set = { kind: 'set-person', role: 'auditor', actor } as const;
  line.record({ ...set, name: 'kim', ends: '2099-12-31', products: [PRODUCT] });
  line.record({ ...set, name: 'late', ends: '2099-01-01', products: [PRODUCT] });
  line.setClock(endOf({ ends: '2099-01-01' }) ?? 0);
  const restored = line.record({ kind: 'restore-access', actor: 'local' });
  const until = new Date(endOf({ ends: '2099-12-31' }) ?? 0).toISOString();
  const [, people] = accessReport(restored, 1);
  expect(people).toBe(`  people: kim (auditor, no password, products ${PRODUCT}, until ${until})`);
});
