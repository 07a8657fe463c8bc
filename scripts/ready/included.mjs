/** The packages that the build contains: many small ES modules, most of them loaded at each start. */
export const INCLUDED = [
  '@hono/node-server',
  'commander',
  'dijkstrajs',
  'hono',
  'jose',
  'marked',
  'oauth4webapi',
  'openid-client',
  'qrcode',
  'zod',
];
