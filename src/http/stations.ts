import { z } from 'zod';
import { ClaimstampError } from '../error.ts';
import { foundNothing } from '../floor.ts';
import { parse } from '../uci.ts';
import type { Line } from './line.ts';
import type { On } from './operation.ts';
import { present } from './read.ts';
import {
  refusalJson,
  StationAnswer,
  StationParams,
  StationState,
  StationWithRefusals,
  VerifyAnswer,
} from './schemas.ts';

const Code = z.string().trim().min(1, 'scan or type the label').max(64);
const ArmBody = z.strictObject({
  code: Code.meta({ description: 'The scanned Claim ID or S/N' }),
  reason: z.enum(['label', 'rework']).default('label'),
});
const VerifyBody = z.strictObject({
  label: Code,
  device: Code.optional().meta({ description: "The device's own code, where the station holds no unit" }),
});

const at = { tag: 'stations', may: 'stations:operate', kiosk: 'own-station', params: StationParams } as const;

/** What people do at a station: look, arm, cancel, next, same device, verify. */
export function stationRoutes(on: On, line: Line): void {
  on(
    {
      method: 'get',
      path: '/v1/stations',
      tag: 'stations',
      summary: 'Stations, with what is armed or open at each',
      may: 'stations:read',
      answer: z.object({ stations: z.array(StationState) }),
    },
    async () => ({ stations: await line.ledger.stations() }),
  );
  on(
    {
      ...at,
      method: 'get',
      path: '/v1/stations/{name}',
      summary: 'One station, and which agents it refused',
      may: 'stations:read',
      answer: StationWithRefusals,
    },
    async ({ params }) => stationState(line, params.name),
  );
  moveRoutes(on, line);
}

function moveRoutes(on: On, { ledger }: Line): void {
  const moves = {
    'same-device': 'Keep the unit that was just verified (slot mode)',
    next: 'Close the slot: the next device is another one (slot mode)',
    cancel: 'Disarm the station',
  } as const;
  for (const kind of ['same-device', 'next', 'cancel'] as const) {
    on(
      {
        ...at,
        method: 'post',
        path: `/v1/stations/{name}/${kind}`,
        summary: moves[kind],
        answer: StationAnswer,
        refusals: ['not-found', 'station-busy', 'slot-closed', 'unit-ended', 'armed-elsewhere'],
      },
      async ({ params, who }) => ledger.record({ kind, station: params.name, actor: who.actor }),
    );
  }
  on(
    {
      ...at,
      method: 'post',
      path: '/v1/stations/{name}/arm',
      lookup: true,
      summary: 'The next device at this station gets the unit of the scanned label',
      body: ArmBody,
      example: { code: 'JT08FFQXWQ', reason: 'rework' },
      answer: StationAnswer,
      refusals: ['not-found', 'unit-ended', 'armed-mismatch', 'armed-elsewhere', 'station-busy'],
    },
    async ({ params, body, who, missed }) => {
      const answer = await ledger.record({ kind: 'arm', station: params.name, ...body, actor: who.actor });
      if (parse(body.code) === undefined) missed();
      return answer;
    },
  );
  on(
    {
      ...at,
      method: 'post',
      path: '/v1/stations/{name}/verify',
      lookup: true,
      summary: 'Is the scanned label the one of the unit here? PASS or FAIL, with the reason',
      body: VerifyBody,
      example: { label: 'JT08FFQXWQ', device: 'JT08FFQXWQ' },
      answer: VerifyAnswer,
      refusals: ['not-found', 'slot-closed', 'identity-conflict'],
    },
    async ({ params, body, who, missed }) => {
      const answer = await ledger.record({
        kind: 'verify',
        station: params.name,
        ...present(body),
        actor: who.actor,
      });
      // S/Ns can be counted through, and each would lead to its Claim ID: a scan of one counts as a guess.
      const bySerial = [body.label, body.device].some((code) => code !== undefined && parse(code) === undefined);
      if (bySerial || foundNothing(answer)) missed();
      return answer;
    },
  );
}

export async function stationState(line: Line, name: string): Promise<z.input<typeof StationWithRefusals>> {
  const station = (await line.ledger.stations()).find((one) => one.name === name);
  if (!station) throw new ClaimstampError('not-found', `there is no station ${name}`);
  return {
    ...station,
    refusals: line.refusals.list(name).map(refusalJson),
    alarms: line.alarms.list(name).map(refusalJson),
    ...(line.config.builderLocal === 'accept' ? { testMode: true } : {}),
  };
}
