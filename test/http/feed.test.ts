import { feedContract } from '../support/feed-contract.ts';

feedContract('SQLite', async () => ({}));
