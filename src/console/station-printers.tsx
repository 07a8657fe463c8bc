import { fitsLabel, loadedOf } from '../model/printer.ts';
import { templatesOf } from '../model/labels/label-set.ts';
import { isCode } from '../platform/error.ts';
import { labelsWithRole } from '../model/unit.ts';
import { defined } from '../platform/own.ts';
import { labelSize } from '../http/loaded-media.ts';
import type { Services } from '../http/services.ts';
import { STATION } from '../../words/console/station.ts';
import { CloseList } from './station-exceptions.tsx';
import { shownSize } from './station-headline.ts';
import { nestsAt } from './station-nests.ts';
import { Button } from './station-view.tsx';
import type { PageContext } from './pages.tsx';

/**
 * If the station's own printer has a problem, shows which other printers can print the label of the unit in the nest.
 */
export async function OtherPrinters({ page, services }: { page: PageContext; services: Services }) {
  const { say } = page;
  const [nest] = await nestsAt(services, page.param('name'), page.c);
  const { job, unit, station } = nest ?? {};
  if (job === undefined || unit === undefined || station === undefined) return <p>{say(STATION, 'noUnit')}</p>;
  const size = await labelSize(services, job);
  const printers = (await services.ledger.printers()).filter((one) => one.name !== job.printer && fitsLabel(one, size));
  const isMoved = job.state === 'queued';
  const reason = isMoved || labelsWithRole(unit, job.role) === 0 ? {} : { reason: STATION.en.lost };
  return (
    <section aria-label={say(STATION, 'elsewhere')}>
      <CloseList page={page} />
      <h2>{say(STATION, 'elsewhere')}</h2>
      <p>{say(STATION, isMoved ? 'elsewhereMoves' : 'elsewhereReprints', { printer: job.printer })}</p>
      {printers.length === 0 ? <p>{say(STATION, 'noOtherPrinter')}</p> : null}
      <ul>
        {printers.map(({ name }) => {
          const trouble = services.printing.trouble(name);
          const fields = { do: 'elsewhere', job: String(job.id), printer: name, station: station.name, ...reason };
          return (
            <li>
              <Button step={{ word: name, fields }} kind="btn" />{' '}
              {trouble === undefined ? null : (
                <span class="bad">{say(STATION, `printer.${trouble.what}`, { printer: name })}</span>
              )}
            </li>
          );
        })}
      </ul>
    </section>
  );
}

/**
 * Shows the label sizes that an operator could have loaded: the sizes that products need, and the sizes that printers
 * contain. The operator taps one size.
 */
export async function LoadedLabels({ page, services }: { page: PageContext; services: Services }) {
  const { say } = page;
  const { ledger, labels } = services;
  const [nest] = await nestsAt(services, page.param('name'), page.c);
  const station = defined(nest).station;
  const printers = await ledger.printers();
  const printer = printers.find(({ name }) => name === station.printer);
  const templates = new Set((await ledger.products()).flatMap(templatesOf));
  const needed = await Promise.all([...templates].map((template) => sizeOfTemplate(labels, template)));
  const loaded = printer && loadedOf(printer);
  const sizes = new Set([...needed, ...printers.map(loadedOf)].flatMap((size) => size ?? []));
  return (
    <section aria-label={say(STATION, 'loaded')}>
      <CloseList page={page} />
      <h2>{say(STATION, 'loaded')}</h2>
      {printer === undefined ? <p>{say(STATION, 'noPrinter')}</p> : null}
      <ul>
        {[...sizes]
          .toSorted((a, b) => Number.parseFloat(b) - Number.parseFloat(a))
          .map((size) => (
            <li>
              <Button
                step={{ word: shownSize(size), fields: { do: 'loaded', size, station: station.name } }}
                kind={size === loaded ? 'btn btn-primary' : 'btn'}
              />
            </li>
          ))}
      </ul>
    </section>
  );
}

async function sizeOfTemplate(labels: Services['labels'], template: string | undefined): Promise<string | undefined> {
  try {
    const { width, height } = await labels.check(template);
    return width === 0 ? undefined : `${width}x${height}`;
  } catch (error) {
    if (isCode(error, 'not-found')) return undefined;
    throw error;
  }
}
