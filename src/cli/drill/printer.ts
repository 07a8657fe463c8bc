import { BROKEN_PRINTER } from '../../print/places.ts';
import { settingsOf, SPARE_PRINTER, STATION, unitsOf, type Drill } from './training-station.ts';

const station = { params: { name: STATION } };

/**
 * In this drill, the printer of a station stops. The station is given another printer, which then prints the label.
 */
export const printerDrill: Drill = {
  kind: 'printer',
  about: [
    `The printer of the station "${STATION}" stops. A device gets its Claim ID, but no label is printed.`,
    `${SPARE_PRINTER} is the spare printer. This printer writes PDF files instead of labels.`,
  ],
  async steps({ coach, line }) {
    const { api, product, key, url } = line;
    await api.call('PATCH /v1/stations/{name}', { ...station, body: { printer: BROKEN_PRINTER, autoPrint: true } });
    const uci = await line.device({ product, mac: '02:00:00:00:00:02' }, key);
    const jobs = async () =>
      (await api.call('GET /v1/print-jobs', { query: { reveal: 'true' } })).jobs.filter((job) => job.uci === uci);
    await coach.step({
      title: 'See the trouble',
      todo: [
        `Open ${url}/stations/${STATION}: the screen must show what is wrong with printer ${BROKEN_PRINTER}.`,
        'Look at the printer first: power, cable, paper, cover. In this drill, it stays broken.',
      ],
    });
    await coach.step({
      title: `Move the station to the printer ${SPARE_PRINTER}`,
      todo: [
        `On the station's Setup page, choose printer ${SPARE_PRINTER}. Or with a command:`,
        `  ${settingsOf(line)} claimstamp station set ${STATION} --printer ${SPARE_PRINTER}`,
      ],
      play: () => api.call('PATCH /v1/stations/{name}', { ...station, body: { printer: SPARE_PRINTER } }),
      async worked() {
        const { stations } = await api.call('GET /v1/stations');
        const now = stations.find(({ name }) => name === STATION)?.printer;
        return now === SPARE_PRINTER ? `station ${STATION} uses ${SPARE_PRINTER}` : undefined;
      },
    });
    await coach.step({
      title: 'Print the label of the waiting device',
      todo: [
        `Open ${url}/units/${uci} and print the label again, with a reason. Cancel the waiting job if you are asked to.`,
        `In an emergency without a spare printer: print sheets on an office printer (docs/labels.md).`,
      ],
      async play() {
        for (const job of await jobs())
          if (job.state === 'queued' || job.state === 'failed')
            await api.call('POST /v1/print-jobs/{id}/cancel', { params: { id: job.id } }).catch(() => undefined);
        await api.call('POST /v1/units/{uci}/print', {
          params: { uci },
          body: { printer: SPARE_PRINTER, reason: 'printer' },
        });
      },
      async worked() {
        const done = (await jobs()).find((job) => job.printer === SPARE_PRINTER && job.state === 'done');
        return done === undefined ? undefined : `job ${done.id} is done on ${SPARE_PRINTER}`;
      },
    });
    await coach.step({
      title: 'Scan the new label',
      todo: [`Open ${url}/stations/${STATION}, and type the Claim ID of the new label: ${uci}`],
      play: () => api.call('POST /v1/stations/{name}/verify', { ...station, body: { label: uci } }),
      async worked() {
        const verified = (await unitsOf(line)).find((unit) => unit.uci === uci)?.facts.verified;
        return verified === undefined ? undefined : 'PASS';
      },
    });
  },
};
