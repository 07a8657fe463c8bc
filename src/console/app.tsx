import type { AppParts } from '../http/app.ts';
import { auditPage } from './audit-page.tsx';
import { chartsPage } from './charts-page.tsx';
import { endPages } from './end-pages.tsx';
import { exceptionsPage } from './exceptions-page.tsx';
import { forecastsPage } from './forecasts-page.tsx';
import { galleryPage } from './gallery-page.tsx';
import { helpPages } from './help/help-pages.tsx';
import { healthPage } from './health-page.tsx';
import { holdPage } from './hold-page.tsx';
import { ledgerPages } from './ledger-pages.tsx';
import { ordersPages } from './orders-pages.tsx';
import { shippingPages } from './shipping-pages.tsx';
import { stationPages } from './station-pages.tsx';
import { accessPages } from './access-pages.tsx';
import { badgesPage } from './badge-pages.tsx';
import { labelGallery } from './label-gallery.tsx';
import { printerPages } from './printer-pages.tsx';
import { labelEditor } from './label-editor.tsx';
import { logoPages } from './logo-pages.tsx';
import { labelPages } from './label-pages.tsx';
import { productPages } from './product-pages.tsx';
import { importPages } from './import-pages.tsx';
import { rollPages } from './roll-pages.tsx';
import { openTasks } from './tasks.tsx';
import { isNew, setUpPage } from './set-up-page.tsx';
import { searchSuggestions } from './search-suggestions.tsx';
import { signInsPage } from './sign-ins-page.tsx';
import { changeOverPages } from './station-change-over.tsx';
import { removals } from './removal.tsx';
import { reportsPage } from './reports-page.tsx';
import { returnsPages } from './returns-pages.tsx';
import { settingsPage } from './settings-page.tsx';
import { scannerPages } from './station-scanner.tsx';
import { stationSettings } from './station-settings.tsx';
import { webhookPages } from './webhooks/webhook-pages.tsx';
import { unitPage } from './unit-page.tsx';
import { unitsPages } from './units-pages.tsx';
import { languageRoute } from '../http/language.ts';
import { nowPage } from './now-page.tsx';
import { openPages } from './pages.tsx';

/*
 * The console consists of pages for people. Each file adds its pages with `pages.page`, the forms on those pages with
 * `pages.act`, and separately fetched parts with `pages.part`. Each page, form and part names the permission that it
 * requires, and calls the API with `page.call`. So a page can do only what the API allows. Texts are in
 * words/console, scripts in assets/. To add a page, add its file, a line in the list below, a link in frame.tsx, and
 * a line in the role table.
 */
export function consolePages(parts: AppParts): void {
  const pages = openPages(parts);
  const tasks = openTasks(pages);
  languageRoute(parts.app);
  parts.app.get('/', async (c) => {
    const who = await parts.auth.visitor(c);
    if (who === undefined) return c.redirect('/sign-in', 303);
    if (who.kiosk !== undefined) return c.redirect(`/stations/${who.kiosk}`, 303);
    if (who.auditor !== undefined) return c.redirect('/units', 303);
    const isFirst = who.may.has('catalog:write') && (await isNew(parts.services));
    return c.redirect(isFirst ? '/set-up' : who.may.has('units:list') ? '/now' : '/stations', 303);
  });
  helpPages(parts.app);
  nowPage(pages);
  stationPages(pages);
  scannerPages(pages);
  changeOverPages(pages);
  exceptionsPage(pages);
  endPages(pages);
  searchSuggestions(pages);
  unitsPages(pages);
  importPages(pages, tasks);
  rollPages(pages, tasks);
  unitPage(pages);
  returnsPages(pages);
  ordersPages(pages);
  shippingPages(pages);
  chartsPage(pages);
  reportsPage(pages);
  setUpPage(pages);
  productPages(pages);
  labelPages(pages);
  labelEditor(pages);
  logoPages(pages);
  stationSettings(pages);
  removals(pages);
  printerPages(pages);
  accessPages(pages);
  badgesPage(pages);
  labelGallery(pages);
  webhookPages(pages);
  auditPage(pages);
  signInsPage(pages);
  forecastsPage(pages);
  healthPage(pages);
  settingsPage(pages);
  ledgerPages(pages);
  holdPage(pages);
  if (parts.services.config.isDevelopment === true) galleryPage(pages);
  pages.unknown();
}
