import { PERMISSIONS } from '../model/role.ts';
import type { Answer } from '../http/client.ts';
import { COMMON } from '../../words/console/common.ts';
import { Act, Choice, Field, filled, path, refresh, Secret, Table, Time } from './parts.tsx';
import { SET_UP } from '../../words/console/set-up.ts';
import type { Pages, PageContext } from './pages.tsx';

type Token = Answer<'GET /v1/tokens'>['tokens'][number];
type Person = Answer<'GET /v1/people'>['people'][number];

/** Who may come in: people, and programs with their tokens. */
export function accessPages(pages: Pages): void {
  peoplePage(pages);
  tokensPage(pages);
}

function peoplePage(pages: Pages): void {
  pages.page('/people', 'access:read', async (page) => {
    const { people } = await page.call('GET /v1/people');
    return { title: page.say(SET_UP, 'people'), body: <People page={page} people={people} /> };
  });
  pages.act('/people', 'access:write', async (page, fields) => {
    const { name = '', role = '', badge } = filled(fields, ['name', 'role', 'badge']);
    await page.call('PUT /v1/people/{name}', { params: { name }, body: { role, badge } });
    return <Linked page={page} name={name} />;
  });
  pages.act('/people/:name/link', 'access:write', async (page) => (
    <Linked page={page} name={page.c.req.param('name') as string} />
  ));
  pages.act('/people/:name/remove', 'access:write', async (page) => {
    await page.call('DELETE /v1/people/{name}', { params: { name: page.c.req.param('name') as string } });
    refresh(page);
    return <p>{page.say(COMMON, 'done')}</p>;
  });
}

async function Linked({ page, name }: { page: PageContext; name: string }) {
  const { link } = await page.call('POST /v1/people/{name}/link', { params: { name } });
  return <Secret page={page} name={page.say(SET_UP, 'linkFor', { name })} text={link} />;
}

function People({ page, people }: { page: PageContext; people: Person[] }) {
  const { say, who } = page;
  const mayChange = who.may.has('access:write');
  return (
    <>
      <h1>{say(SET_UP, 'people')}</h1>
      <Table
        caption={say(SET_UP, 'people')}
        heads={[
          ...(['name', 'role', 'signsIn', 'badge'] as const).map((head) => say(SET_UP, head)),
          ...(mayChange ? [say(SET_UP, 'change')] : []),
        ]}
      >
        {people.map((person) => (
          <tr>
            <th scope="row">{person.name}</th>
            <td>{say(SET_UP, person.role)}</td>
            <td>{waysOf(page, person)}</td>
            <td>{person.hasBadge ? '✓' : '–'}</td>
            {mayChange ? (
              <td>
                {person.removedAt === undefined ? (
                  <div class="row-acts">
                    <Act page={page} action={path('people', person.name, 'link')} into="made">
                      <button>{say(SET_UP, 'makeLink')}</button>
                    </Act>
                    <Act page={page} action={path('people', person.name, 'remove')} into="made">
                      <button class="danger">{say(SET_UP, 'remove')}</button>
                    </Act>
                  </div>
                ) : null}
              </td>
            ) : null}
          </tr>
        ))}
      </Table>
      <div id="made"></div>
      {mayChange ? (
        <>
          <h2>{say(SET_UP, 'newPerson')}</h2>
          <Act page={page} action="/people" into="new">
            <Field label={say(SET_UP, 'name')} name="name" required max={64} />
            <Choice
              label={say(SET_UP, 'role')}
              name="role"
              of={(['operator', 'qa', 'admin'] as const).map((role) => [role, say(SET_UP, role)])}
            />
            <Field label={say(SET_UP, 'badge')} name="badge" hint={say(SET_UP, 'badgeHint')} max={64} />
            <button>{say(SET_UP, 'saveAndLink')}</button>
            <div id="new"></div>
          </Act>
        </>
      ) : null}
    </>
  );
}

function waysOf({ say }: PageContext, { hasPassword, linkUntil, removedAt }: Person): string {
  if (removedAt !== undefined) return say(SET_UP, 'removed');
  if (hasPassword) return say(SET_UP, 'byPassword');
  return say(SET_UP, linkUntil === undefined ? 'notYet' : 'byLink');
}

function tokensPage(pages: Pages): void {
  pages.page('/tokens', 'access:read', async (page) => {
    const { tokens } = await page.call('GET /v1/tokens');
    return { title: page.say(SET_UP, 'tokens'), body: <Tokens page={page} tokens={tokens} /> };
  });
  pages.act('/tokens', 'access:write', async (page, fields) => {
    const { name = '', role = '', days } = filled(fields, ['name', 'role', 'days']);
    // `service:` and the one permission that it has; more than one is for the command line.
    const [kind = '', ...scope] = role.split('/');
    const { token } = await page.call('POST /v1/tokens', {
      body: {
        name,
        role: kind,
        scopes: scope.length === 0 ? undefined : scope,
        expiresInDays: days === undefined ? undefined : Number(days),
      },
    });
    return <Secret page={page} name={name} text={token} />;
  });
  pages.act('/tokens/:name/revoke', 'access:write', async (page) => {
    await page.call('DELETE /v1/tokens/{name}', { params: { name: page.c.req.param('name') as string } });
    refresh(page);
    return <p>{page.say(COMMON, 'done')}</p>;
  });
}

function Tokens({ page, tokens }: { page: PageContext; tokens: Token[] }) {
  const { say, who } = page;
  const mayChange = who.may.has('access:write');
  const roles = [
    ...(['operator', 'qa', 'admin'] as const).map((role) => [role, say(SET_UP, role)] as const),
    ...Object.keys(PERMISSIONS).map((scope) => [`service/${scope}`, say(SET_UP, 'onlyScope', { scope })] as const),
  ];
  return (
    <>
      <h1>{say(SET_UP, 'tokens')}</h1>
      <p>{say(SET_UP, 'tokensHint')}</p>
      <Table
        caption={say(SET_UP, 'tokens')}
        heads={[
          ...(['name', 'role', 'expires', 'lastUsed'] as const).map((head) => say(SET_UP, head)),
          ...(mayChange ? [say(SET_UP, 'change')] : []),
        ]}
      >
        {tokens.map((token) => (
          <tr>
            <th scope="row">{token.name}</th>
            <td>{token.scopes?.join(', ') ?? token.role}</td>
            <td>
              {token.revokedAt !== undefined ? (
                say(SET_UP, 'revoked')
              ) : token.expiresAt === undefined ? (
                say(SET_UP, 'never')
              ) : (
                <Time page={page} at={token.expiresAt} />
              )}
            </td>
            <td>{token.lastUsedAt === undefined ? '–' : <Time page={page} at={token.lastUsedAt} />}</td>
            {mayChange ? (
              <td>
                {token.revokedAt === undefined ? (
                  <Act page={page} action={path('tokens', token.name, 'revoke')} into="made">
                    <button class="danger">{say(SET_UP, 'revoke')}</button>
                  </Act>
                ) : null}
              </td>
            ) : null}
          </tr>
        ))}
      </Table>
      <div id="made"></div>
      {mayChange ? (
        <>
          <h2>{say(SET_UP, 'newToken')}</h2>
          <Act page={page} action="/tokens" into="new">
            <Field label={say(SET_UP, 'name')} name="name" required max={64} />
            <Choice label={say(SET_UP, 'role')} name="role" of={roles} />
            <Field label={say(SET_UP, 'days')} name="days" type="number" value="90" />
            <button>{say(SET_UP, 'makeToken')}</button>
            <div id="new"></div>
          </Act>
        </>
      ) : null}
    </>
  );
}
