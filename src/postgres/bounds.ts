import type { PostgresFact } from '../decide/forecasts/forecast.ts';
import { connect, hangUp } from './connect.ts';

/**
 * Measures the server's limits. The measurement uses a connection of its own, so that the ledger is not affected. If
 * the PostgreSQL role has no right to read a number, this number is left out, and the others are still measured. Throws
 * if this process cannot connect to the server.
 */
export async function measureServer(url: string): Promise<PostgresFact> {
  const client = await connect(url);
  const number = async (sql: string): Promise<number | undefined> => {
    try {
      const { rows } = await client.query<{ n: string | null }>(sql);
      const n = rows[0]?.n;
      return n === null || n === undefined ? undefined : Number(n);
    } catch {
      // The PostgreSQL role probably has no right to read this number, so the number is left out.
      return undefined;
    }
  };
  try {
    const most = await number(
      `SELECT current_setting('max_connections')::bigint - current_setting('superuser_reserved_connections')::bigint AS n`,
    );
    const used = await number(`SELECT sum(numbackends)::bigint AS n FROM pg_stat_database`);
    return {
      connections: most === undefined || used === undefined ? undefined : { most, used },
      transactionAge: await number(
        `SELECT age(datfrozenxid)::bigint AS n FROM pg_database WHERE datname = current_database()`,
      ),
      bytes: await number(`SELECT pg_database_size(current_database())::bigint AS n`),
    };
  } finally {
    await hangUp(client);
  }
}
