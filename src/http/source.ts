import type { HttpBindings } from '@hono/node-server';
import type { Context } from 'hono';
import type { TLSSocket } from 'node:tls';

export function cameOverTls(c: Context): boolean {
  const { incoming } = (c.env ?? {}) as Partial<HttpBindings>;
  return (incoming?.socket as TLSSocket | undefined)?.encrypted === true;
}
