import { drawnAs } from '../model/labels/label-set.ts';
import { fitsLabel, loadedOf } from '../model/printer.ts';
import { refusal } from '../platform/error.ts';
import type { Services } from './services.ts';

/**
 * Refuses a label that does not fit the media in the printer, before the label is queued. The size of the label is
 * looked up only if the size of the media is known.
 */
export async function refuseOtherMedia(
  services: Pick<Services, 'ledger' | 'labels'>,
  label: LabelOf,
  name: string | undefined,
): Promise<void> {
  const printer = name === undefined ? undefined : await services.ledger.printer(name);
  const loaded = printer && loadedOf(printer);
  if (printer === undefined || loaded === undefined) return;
  const { width, height } = await labelSize(services, label);
  if (width === 0 || fitsLabel(printer, { width, height })) return;
  throw refusal('labels-differ', 'size', { printer: printer.name, loaded, needed: `${width}x${height}` });
}

interface LabelOf {
  uci: string;
  role?: string | undefined;
}

/** Returns the size in mm of a unit's label. */
export async function labelSize(
  { ledger, labels }: Pick<Services, 'ledger' | 'labels'>,
  { uci, role }: LabelOf,
): Promise<{ width: number; height: number }> {
  const unit = (await ledger.unit(uci))?.unit;
  const product = unit && (await ledger.product(unit.product));
  return labels.checkPrinted(product && drawnAs(product, role));
}
