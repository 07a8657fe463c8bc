import { expect, it } from 'vitest';
import { startOf } from '../../src/platform/package-root.ts';

it('knows who started the service, also inside a container that somebody opened a shell in', () => {
  expect(startOf({}).startedBy).toBe('shell');
  expect(startOf({ npm_lifecycle_event: 'start' }).startedBy).toBe('npm');
  expect(startOf({ NOTIFY_SOCKET: '/run/systemd/notify' }).startedBy).toBe('systemd');
});
