import { PRODUCT, settingsOf, STATION, unitsOf, type Drill } from './training-station.ts';

const station = { params: { name: STATION } };
const COUNT = 3;
const NAME = 'training-roll';

/**
 * In this drill, devices cannot reach the server. The devices get labels that were printed in advance. The labels are
 * recorded later.
 */
export const networkDrill: Drill = {
  kind: 'network',
  about: [
    'There is no network between the devices and the server. Devices keep asking until the network is back.',
    'So first decide: wait, or continue with labels that were printed in advance.',
  ],
  async steps({ coach, line }) {
    const { api, product, key, url } = line;
    const roll = async () => (await unitsOf(line)).filter(({ reservation }) => reservation === NAME).toReversed();
    await coach.step({
      title: 'Before the loss: reserve labels',
      todo: [
        `Reserve ${COUNT} Claim IDs. In an emergency, this roll is ready at the line:`,
        `  ${settingsOf(line)} claimstamp reserve ${NAME} --product ${PRODUCT} --count ${COUNT}`,
      ],
      play: () => api.call('POST /v1/reservations', { body: { name: NAME, product, count: COUNT } }),
      async worked() {
        const units = await roll();
        return units.length >= COUNT ? `${units.length} Claim IDs are reserved: ${NAME}` : undefined;
      },
    });
    const units = await roll();
    const [first, ...left] = units;
    if (first === undefined) return;
    await coach.step({
      title: 'The network is lost: make a device',
      todo: [
        `Stick the first label (${first.uci}) on a device, and write down the S/N of each label that you used.`,
        'Firmware files with Claim IDs (device.json5) work without the network: docs/firmware.md. Devices without such a',
        'file get their Claim ID when the network is back. Do not ship them before that.',
      ],
    });
    await coach.step({
      title: 'The network is back: scan the label, then turn on the device',
      todo: [
        `Open ${url}/stations/${STATION}, and scan or type the label: ${first.uci}. The screen shows that it is waiting for the device.`,
        'Then turn on the device, or run this command:',
        `  curl -X POST ${line.address} -d '{"product":"${product}","mac":"02:00:00:00:00:03"}'`,
      ],
      async play() {
        await api.call('POST /v1/stations/{name}/arm', { ...station, body: { code: first.uci } });
        await line.device({ product, mac: '02:00:00:00:00:03' }, key);
      },
      async worked() {
        const now = (await roll()).find(({ uci }) => uci === first.uci);
        return now?.facts.issued === undefined ? undefined : 'the device has the Claim ID of its label';
      },
    });
    await coach.step({
      title: 'Account for each label',
      todo: [
        'Account for each reserved label: it is on a device, void, or back on the roll. Void the labels that are no longer on the roll:',
        ...left.map(({ uci }) => `  ${settingsOf(line)} claimstamp unit void ${uci} --reason label-lost`),
      ],
      async play() {
        for (const { uci } of left)
          await api.call('POST /v1/units/{uci}/void', { params: { uci }, body: { reason: 'label-lost' } });
      },
      async worked() {
        const open = (await roll()).filter(({ facts }) => facts.issued === undefined && facts.void === undefined);
        return open.length === 0 ? 'every label is accounted for' : undefined;
      },
    });
  },
};
