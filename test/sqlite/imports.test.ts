import { importContract } from '../support/import-contract.ts';

importContract('SQLite', async () => ({}));
