import { ledgerContract } from '../ledger-contract.ts';

ledgerContract('SQLite', async () => ({}));
