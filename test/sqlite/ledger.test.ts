import { ledgerContract } from '../support/ledger-contract.ts';

ledgerContract('SQLite', async () => ({}));
