import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { examineConfig } from '../../src/config.ts';
import { openDesk, tempFolder, type Desk, type Problem } from '../support/service.ts';

interface Set extends Problem {
  siteName?: string;
  site?: string;
}

describe('the name and the code of the site', () => {
  let desk: Desk;
  beforeEach(async () => void (desk = await openDesk()));
  const set = (body: object, of = desk) => of.ask<Set>('PATCH', '/v1/settings', body);
  const shown = async (of = desk) =>
    (
      await of.ask<{ settings: { name: string; value?: string; source: string }[] }>('GET', '/v1/settings')
    ).body.settings
      .filter(({ name }) => name === 'siteName' || name === 'site')
      .map(({ value, source }) => [value, source]);

  it('apply at once, and after a restart', async () => {
    expect((await set({ siteName: 'Example Works, Ulm' })).body).toEqual({ siteName: 'Example Works, Ulm' });
    expect((await set({ site: 'G1' })).body).toEqual({ siteName: 'Example Works, Ulm', site: 'G1' });
    const product = { name: 'Valve', code: 'VA', serialPattern: '{site}{code}{yy}{ww}U{seq:5}' };
    expect((await desk.ask('PUT', '/v1/products/VALVE', product)).status).toBe(200);
    const made = await desk.ask<{ units: { serial: string }[] }>('POST', '/v1/units', { product: 'VALVE', count: 1 });
    expect(made.body.units[0]?.serial).toMatch(/^G1VA/);
    const values = [
      ['G1', 'console'],
      ['Example Works, Ulm', 'console'],
    ];
    expect(await shown()).toEqual(expect.arrayContaining(values));
    await desk.close();
    expect(await shown(await openDesk({}, desk.data))).toEqual(expect.arrayContaining(values));
  });

  it('return to the default with null, but not the code while an S/N pattern contains it', async () => {
    await set({ siteName: 'Example Works, Ulm', site: 'G1' });
    await desk.ask('PUT', '/v1/products/VALVE', { name: 'Valve', code: 'VA', serialPattern: '{site}{code}{seq:9}' });
    expect((await set({ siteName: null })).body).toEqual({ site: 'G1' });
    const refused = await set({ site: null });
    expect([refused.status, refused.body.type]).toEqual([409, 'urn:claimstamp:problem:site-missing']);
    expect(await shown()).toContainEqual(['G1', 'console']);
  });

  it('are refused here if the environment sets them', async () => {
    const fixed = await openDesk({ CLAIMSTAMP_SITE: 'P2' });
    const { status, body } = await set({ site: 'G1' }, fixed);
    expect([status, body.detail]).toEqual([409, expect.stringContaining('environment CLAIMSTAMP_SITE')]);
    expect((await set({ siteName: 'Ulm' }, fixed)).body).toEqual({ siteName: 'Ulm', site: 'P2' });
    expect(JSON.parse(readFileSync(join(fixed.data, 'settings.json'), 'utf8'))).toEqual({ siteName: 'Ulm' });
  });

  it.each([[{ site: 'g1' }], [{ siteName: '' }], [{ siteName: 'x'.repeat(61) }], [{ shifts: ['06:00'] }]])(
    'are checked: %j',
    async (body) => {
      expect((await set(body)).status).toBe(400);
      expect(await shown()).toEqual(expect.arrayContaining([[undefined, 'default']]));
    },
  );

  it('are missed loudly if their file is damaged', () => {
    const data = tempFolder();
    writeFileSync(join(data, 'settings.json'), '{"site":');
    const { problems } = examineConfig({ CLAIMSTAMP_DATA: data });
    expect(problems).toEqual([expect.stringContaining(`${join(data, 'settings.json')} is damaged: remove it`)]);
  });

  it('are not called damaged if their file cannot be read', () => {
    const data = tempFolder();
    mkdirSync(join(data, 'settings.json'));
    const { problems } = examineConfig({ CLAIMSTAMP_DATA: data });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(join(data, 'settings.json'));
    expect(problems[0]).not.toContain('damaged');
  });
});
