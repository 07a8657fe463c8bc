import { expect, it } from 'vitest';
import { invited } from '../support/form-client.ts';
import { openDesk } from '../support/service.ts';

/** The list of steps that an admin sees on a new service. */

const isDone = (text: string, step: RegExp): boolean =>
  (text.match(/<li class="done">.*?<\/li>/gs) ?? []).some((one) => step.test(one));
const STATION = /add a station for each/;
const PRINTER = /Assign the printer/;

it('ticks a station once devices reach it, and its printer once the label of each device has one', async () => {
  const desk = await openDesk();
  const admin = await invited(desk, 'ada', 'admin');
  const steps = async (): Promise<boolean[]> => {
    const { text } = await admin.get('/set-up');
    return [isDone(text, STATION), isDone(text, PRINTER)];
  };
  await desk.ask('PUT', '/v1/printers/P', { kind: 'raw9100', host: '10.0.8.20' });
  await desk.ask('PUT', '/v1/stations/nest-1', { printer: 'P' });
  // Devices would still come to the default station, which has no printer.
  expect(await steps()).toEqual([false, false]);
  await desk.ask('PATCH', '/v1/stations/nest-1', { sources: ['10.0.8.11'] });
  expect(await steps()).toEqual([true, true]);
  await desk.ask('PATCH', '/v1/stations/nest-1', { sources: [] });
  await desk.ask('POST', '/v1/stations/nest-1/key', {});
  expect(await steps()).toEqual([true, true]);
  await desk.ask('PUT', '/v1/stations/nest-2', { sources: ['10.0.8.12'] });
  expect(await steps()).toEqual([true, false]);
});

it('says that a badge is taken before it asks for the password', async () => {
  let late = 0;
  const desk = await openDesk({}, undefined, () => Date.now() + late);
  const admin = await invited(desk, 'ada', 'admin');
  await desk.ask('PUT', '/v1/people/olga', { role: 'operator', badge: 'OP-0001' });
  late = 10 * 60_000;
  const { text } = await admin.get('/people');
  const [, stamp = ''] = /name="stamp" value="([^"]*)"/.exec(text) ?? [];
  const fields = { name: 'pavel', role: 'operator', stamp, 'shown-in': 'act-people-new' };
  const referer = { referer: 'http://localhost/people' };
  const taken = await admin.send('/people', { ...fields, badge: 'OP-0001' }, referer);
  expect(taken.text).toMatch(/-badge-error">[^]*the badge of olga/);
  const fine = await admin.send('/people', { ...fields, badge: 'OP-0002' }, referer);
  expect(fine.headers.get('hx-trigger')).toBe('confirm-password');
});
