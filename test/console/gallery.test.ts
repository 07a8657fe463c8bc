import { expect, it } from 'vitest';
import { invited } from '../support/form-client.ts';
import { openDesk } from '../support/service.ts';

it('the page with all parts is there for developers, and never in production', async () => {
  for (const [mode, status] of [
    ['development', 200],
    ['production', 404],
    ['', 404],
  ] as const) {
    const desk = await openDesk({ NODE_ENV: mode });
    const admin = await invited(desk, 'ada', 'admin');
    const page = await admin.get('/gallery');
    expect([mode, page.status]).toEqual([mode, status]);
    if (status === 200) expect(page.text).toContain('Must be 1 to 8 letters or digits');
    await desk.close();
  }
});
