import { z } from 'zod';
import { isPrinterEntry, list, path, whole } from '../model/setting-types.ts';

/** The settings for other systems: webhooks, and an ERP that exchanges files. */
export const INTEGRATION_SETTINGS = {
  webhookAllow: list(
    z.string().refine(isPrinterEntry, 'must be a host name, an IP address or a block such as 10.0.8.0/24'),
  )
    .default([])
    .meta({
      description:
        'Host names, addresses and CIDR blocks to which [webhooks](api.md#targets) may send events, separated by commas',
      'x-default': 'none: no webhooks',
    }),
  ordersFolder: path.optional().meta({
    description:
      'Folder for an ERP: the service takes work orders from `inbox/*.csv` and `inbox/*.xlsx`, and writes what was made to `outbox/*.csv` ([ERP](api.md#files))',
    'x-default': 'off',
  }),
  ordersEvery: whole('a whole number of minutes', 1, 1440)
    .default(5)
    .describe(
      'Minutes between two files in `outbox`; a file is written only if work orders or their counts have changed',
    ),
};
