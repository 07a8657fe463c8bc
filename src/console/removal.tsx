import { COMMON } from '../../words/console/common.ts';
import { REMOVAL } from '../../words/console/removal.ts';
import { Act, path } from './parts.tsx';
import type { Pages, PageContext } from './pages.tsx';

/** The forms that remove stations, printers and work orders. */
export function removals(pages: Pages): void {
  pages.act('/stations/:name/remove', 'catalog:write', async (page) => {
    await page.call('DELETE /v1/stations/{name}', { params: { name: page.param('name') } });
    return leave(page, '/stations');
  });
  pages.act('/printers/:name/remove', 'catalog:write', async (page) => {
    await page.call('DELETE /v1/printers/{name}', { params: { name: page.param('name') } });
    return leave(page, '/printers');
  });
  pages.act('/work-orders/:id/remove', 'catalog:write', async (page) => {
    await page.call('DELETE /v1/work-orders/{id}', { params: { id: page.param('id') } });
    return leave(page, '/work-orders');
  });
}

function leave(page: PageContext, address: string) {
  page.c.header('hx-redirect', address);
  return <p>{page.say(COMMON, 'done')}</p>;
}

const PLACES = { station: 'stations', printer: 'printers', order: 'work-orders' } as const;

interface RemovalProps {
  page: PageContext;
  what: keyof typeof PLACES;
  name: string;
  inFile: boolean;
  /** The reason why the object cannot be removed. Undefined if it can. */
  blocked: string | undefined;
}

/** Shows what the removal affects and the button for it, or why the object cannot be removed. */
export function Removal({ page, what, name, inFile, blocked }: RemovalProps) {
  const { say, who } = page;
  if (!who.may.has('catalog:write')) return null;
  const why = inFile ? say(REMOVAL, 'inFile') : blocked;
  return (
    <section>
      <h2>{say(REMOVAL, what)}</h2>
      {why === undefined ? (
        <Act
          page={page}
          action={path(PLACES[what], name, 'remove')}
          into="removed"
          ask={say(REMOVAL, `${what}Ask`, { name })}
        >
          <p class="soft">{say(REMOVAL, `${what}Hint`)}</p>
          <button class="danger">{say(REMOVAL, what)}</button>
          <div id="removed"></div>
        </Act>
      ) : (
        <p class="soft">{why}</p>
      )}
    </section>
  );
}
