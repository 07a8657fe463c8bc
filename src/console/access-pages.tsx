import { holderOf, PersonSettings } from '../model/person.ts';
import { PERMISSIONS, permissionsOf, PERSON_ROLES, TOKEN_ROLES } from '../model/role.ts';
import { keysOf } from '../platform/own.ts';
import { refusal } from '../platform/error.ts';
import type { Answer } from '../http/client.ts';
import type { Services } from '../http/services.ts';
import { COMMON } from '../../words/console/common.ts';
import {
  Act,
  asked,
  Choice,
  AnswerPlace,
  Field,
  filled,
  NameField,
  path,
  refresh,
  refuseStale,
  Secret,
  stampOf,
  Table,
  Time,
} from './parts.tsx';
import { RIGHTS } from '../../words/console/rights.ts';
import { SET_UP } from '../../words/console/set-up.ts';
import { SIGN_INS } from '../../words/console/sign-ins.ts';
import { drawBadge, OwnBadge } from './badge-pages.tsx';
import { changeIn, SettingFields } from './setting-fields.tsx';
import { PERSON_WORDS } from './setting-words.ts';
import { SecretAddress } from './own-address.tsx';
import { renew } from './sent-form.ts';
import type { Pages, PageContext } from './pages.tsx';

type Token = Answer<'GET /v1/tokens'>['tokens'][number];
type Person = Answer<'GET /v1/people'>['people'][number];

/** The access pages, which show people, and tokens for programs. */
export function accessPages(pages: Pages): void {
  peoplePage(pages);
  tokensPage(pages);
}

function peoplePage(pages: Pages): void {
  const { services } = pages;
  pages.page('/people', 'access:read', async (page) => {
    const { people } = await page.call('GET /v1/people');
    const chosen = people.find(isNamed(asked(page, ['name'])['name']));
    return { title: page.say(SET_UP, 'people'), body: <People page={page} people={people} chosen={chosen} /> };
  });
  pages.act('/people', 'access:operators', async (page, fields) => {
    const name = fields.get('name')?.trim() ?? '';
    const known = (await page.call('GET /v1/people')).people.find(isNamed(name));
    refuseStale(fields, shownOf(known));
    // The API does not return badges, so the form's badge field starts empty. If a person leaves the field empty, the
    // badge does not change.
    const { badge, ends, products, ...change } = changeIn(fields, PersonSettings.shape);
    // A browser without scripts sends the fields for auditors as well as those for other roles. If the person becomes
    // an auditor, the badge is removed.
    const limits = change.role === 'auditor' ? { ends, products, badge: null } : { badge: badge ?? undefined };
    // The API also refuses a badge that another person has, but only after the password is confirmed.
    const holder =
      typeof limits.badge === 'string' ? holderOf(await services.ledger.people(), limits.badge) : undefined;
    if (holder !== undefined && holder.name !== name) throw refusal('badge-taken', 'person', { person: holder.name });
    const body = { ...change, ...limits };
    await page.call('PATCH /v1/people/{name}', { params: { name }, body });
    if (known !== undefined) {
      refresh(page);
      return <p>{page.say(COMMON, 'done')}</p>;
    }
    renew(page);
    return (
      <>
        <p class="good">{page.say(SET_UP, 'personAdded', { name })}</p>
        {/* A person who only scans a badge at stations needs no password. */}
        {fields.get('link') === 'no' ? null : <Linked page={page} services={services} name={name} />}
        {typeof limits.badge === 'string' ? <OwnBadge page={page} name={name} /> : null}
      </>
    );
  });
  pages.act('/people/:name/link', 'access:operators', async (page) => (
    <Linked page={page} services={services} name={page.param('name')} />
  ));
  pages.act('/people/:name/remove', 'access:operators', async (page) => {
    await page.call('DELETE /v1/people/{name}', { params: { name: page.param('name') } });
    refresh(page);
    return <p>{page.say(COMMON, 'done')}</p>;
  });
}

function isNamed(name: string | undefined) {
  return (person: Person): boolean => person.name === name && person.removedAt === undefined;
}

/** The values that the form shows for an existing person. */
function shownOf(person: Person | undefined): object | undefined {
  if (person === undefined) return undefined;
  const { role, hasBadge, ends, products } = person;
  return { role, hasBadge, ends, products };
}

async function Linked({ page, services, name }: { page: PageContext; services: Services; name: string }) {
  const { link } = await page.call('POST /v1/people/{name}/link', { params: { name } });
  return <SecretAddress page={page} services={services} name={page.say(SET_UP, 'linkFor', { name })} text={link} />;
}

function People({ page, people, chosen }: { page: PageContext; people: Person[]; chosen: Person | undefined }) {
  const { say, who } = page;
  const words = PERSON_WORDS[page.language];
  const mayChange = who.may.has('access:operators');
  const changes = ({ role, removedAt }: Person): boolean =>
    removedAt === undefined && (who.may.has('access:write') || (mayChange && role === 'operator'));
  return (
    <>
      <h1>{say(SET_UP, 'people')}</h1>
      <p class="row">
        <a href="/sign-ins">{say(SIGN_INS, 'signIns')}</a>
        {mayChange ? <a href="/badges">{say(SET_UP, 'badges')}</a> : null}
      </p>
      <Table
        caption={say(SET_UP, 'people')}
        heads={[
          say(SET_UP, 'name'),
          words.role,
          say(SET_UP, 'signsIn'),
          words.badge,
          ...(mayChange ? [say(SET_UP, 'change')] : []),
        ]}
      >
        {people.map((person) => (
          <PersonRow page={page} person={person} isOpen={changes(person)} />
        ))}
      </Table>
      <AnswerPlace page={page} id="made" />
      {mayChange ? (
        <div class="sides">
          <PersonForm page={page} person={chosen && changes(chosen) ? chosen : undefined} />
          <RoleHelp page={page} of={chosen} />
        </div>
      ) : (
        <RoleHelp page={page} of={chosen} />
      )}
    </>
  );
}

/** A person in the list. `isOpen` is true if the viewer may change the person. */
function PersonRow({ page, person, isOpen }: { page: PageContext; person: Person; isOpen: boolean }) {
  const { say, who } = page;
  const words = PERSON_WORDS[page.language];
  const mayChange = who.may.has('access:operators');
  return (
    <tr>
      <th scope="row">
        {isOpen ? <a href={`/people?name=${encodeURIComponent(person.name)}`}>{person.name}</a> : person.name}
      </th>
      <td>
        {words[`role.${person.role}`]}
        <Limits page={page} person={person} />
      </td>
      <td>{waysOf(page, person)}</td>
      <td>
        {!person.hasBadge ? (
          '–'
        ) : mayChange && person.removedAt === undefined ? (
          <a href={`/badges#${encodeURIComponent(person.name)}`}>{say(SET_UP, 'hasBadge')}</a>
        ) : (
          say(SET_UP, 'hasBadge')
        )}
      </td>
      {mayChange ? (
        <td>
          {isOpen ? (
            <div class="row-acts">
              {person.issuer === undefined ? (
                <Act page={page} action={path('people', person.name, 'link')} into="made">
                  <button>{say(SET_UP, 'makeLink')}</button>
                </Act>
              ) : null}
              <Act
                page={page}
                action={path('people', person.name, 'remove')}
                into="made"
                ask={say(SET_UP, 'askRemove', { name: person.name })}
              >
                <button class="danger">{say(SET_UP, 'remove')}</button>
              </Act>
            </div>
          ) : null}
        </td>
      ) : null}
    </tr>
  );
}

/** Shows one line for each role. If `of` is given, shows only this person's role, with its permissions. */
function RoleHelp({ page, of }: { page: PageContext; of: Person | undefined }) {
  const { say } = page;
  const words = PERSON_WORDS[page.language];
  return (
    <section class="preview">
      <h2>{say(RIGHTS, 'roles')}</h2>
      <dl class="roles">
        {PERSON_ROLES.filter((role) => of === undefined || role === of.role).map((role) => (
          <>
            <dt>{words[`role.${role}`]}</dt>
            <dd>{say(RIGHTS, `role.${role}`)}</dd>
          </>
        ))}
      </dl>
      {of === undefined ? null : (
        <details>
          <summary>{say(RIGHTS, 'rights')}</summary>
          <ul class="dots">
            {[...permissionsOf(of.role)].map((permission) => (
              <li>{say(RIGHTS, permission)}</li>
            ))}
          </ul>
        </details>
      )}
      <p>
        <a href="/help/access#roles">{say(RIGHTS, 'table')}</a>
      </p>
    </section>
  );
}

/** The last day of an auditor's access, and the products that the auditor may see. */
function Limits({ page, person: { ends, products } }: { page: PageContext; person: Person }) {
  const words = PERSON_WORDS[page.language];
  if (ends === undefined || products === undefined) return null;
  return (
    <>
      <br />
      <small>
        {words.ends}: {ends}
        <br />
        {words.products}: {products.join(' ')}
      </small>
    </>
  );
}

function PersonForm({ page, person }: { page: PageContext; person: Person | undefined }) {
  const { say } = page;
  // A lead may change only operators, so a lead's form has no role field.
  const mayGive = page.who.may.has('access:write');
  return (
    <section>
      <h2>{person?.name ?? say(SET_UP, 'newPerson')}</h2>
      <Act page={page} action="/people" into="new">
        <input type="hidden" name="stamp" value={stampOf(shownOf(person))} />
        {person === undefined ? (
          <NameField page={page} label={say(SET_UP, 'name')} name="name" example="maria.lopez" />
        ) : (
          <input type="hidden" name="name" value={person.name} />
        )}
        {mayGive ? null : <input type="hidden" name="role" value="operator" />}
        <SettingFields
          page={page}
          shape={mayGive ? PersonSettings.shape : { badge: PersonSettings.shape.badge }}
          words={PERSON_WORDS}
          of={person}
        />
        {person?.hasBadge ? <p class="soft">{say(SET_UP, 'badgeKept')}</p> : null}
        {person === undefined ? <p class="soft">{say(SET_UP, 'badgeFree', { badge: drawBadge() })}</p> : null}
        <div class="row">
          <button class="btn btn-primary">
            {person === undefined ? say(SET_UP, 'saveAndLink') : say(COMMON, 'save')}
          </button>
          {person === undefined ? (
            <button class="btn" name="link" value="no">
              {say(SET_UP, 'saveNoLink')}
            </button>
          ) : null}
        </div>
        {person === undefined ? <p class="help">{say(SET_UP, 'whenNoLink')}</p> : null}
        <AnswerPlace page={page} id="new" />
      </Act>
      {person?.hasBadge ? <OwnBadge page={page} name={person.name} /> : null}
    </section>
  );
}

function waysOf({ say }: PageContext, { hasPassword, hasBadge, issuer, ends, linkUntil, removedAt }: Person): string {
  if (removedAt !== undefined) return say(SET_UP, 'removed');
  if (issuer !== undefined) return say(SET_UP, ends ? 'noGroup' : 'bySignOn', { issuer: new URL(issuer).host });
  if (hasPassword) return say(SET_UP, 'byPassword');
  if (linkUntil !== undefined) return say(SET_UP, 'byLink');
  return say(SET_UP, hasBadge ? 'byBadge' : 'notYet');
}

function tokensPage(pages: Pages): void {
  pages.page('/tokens', 'access:read', async (page) => {
    const { tokens } = await page.call('GET /v1/tokens');
    return { title: page.say(SET_UP, 'tokens'), body: <Tokens page={page} tokens={tokens} /> };
  });
  pages.act('/tokens', 'access:write', async (page, fields) => {
    const { name = '', role = '', days } = filled(fields, ['name', 'role', 'days']);
    // In the form, the role can be `service/` followed by one permission. Tokens with several permissions are made on
    // the command line.
    const [kind = '', ...scope] = role.split('/');
    const { token } = await page.call('POST /v1/tokens', {
      body: {
        name,
        role: kind,
        scopes: scope.length === 0 ? undefined : scope,
        expiresInDays: days === undefined ? undefined : Number(days),
      },
    });
    renew(page);
    return <Secret page={page} name={name} text={token} />;
  });
  pages.act('/tokens/:name/revoke', 'access:write', async (page) => {
    await page.call('DELETE /v1/tokens/{name}', { params: { name: page.param('name') } });
    refresh(page);
    return <p>{page.say(COMMON, 'done')}</p>;
  });
}

function Tokens({ page, tokens }: { page: PageContext; tokens: Token[] }) {
  const { say, who } = page;
  const mayChange = who.may.has('access:write');
  const words = PERSON_WORDS[page.language];
  return (
    <>
      <h1>{say(SET_UP, 'tokens')}</h1>
      <p>{say(SET_UP, 'tokensHint')}</p>
      <Table
        caption={say(SET_UP, 'tokens')}
        heads={[
          say(SET_UP, 'name'),
          words.role,
          say(SET_UP, 'expires'),
          say(SET_UP, 'lastUsed'),
          ...(mayChange ? [say(SET_UP, 'change')] : []),
        ]}
      >
        {tokens.map((token) => (
          <tr>
            <th scope="row">{token.name}</th>
            <td>
              {token.scopes?.map((scope) => say(RIGHTS, scope)).join('; ') ??
                (token.role === 'service' ? token.role : words[`role.${token.role}`])}
            </td>
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
                  <Act
                    page={page}
                    action={path('tokens', token.name, 'revoke')}
                    into="made"
                    ask={say(SET_UP, 'askRevoke', { name: token.name })}
                  >
                    <button class="danger">{say(SET_UP, 'revoke')}</button>
                  </Act>
                ) : null}
              </td>
            ) : null}
          </tr>
        ))}
      </Table>
      <AnswerPlace page={page} id="made" />
      {mayChange ? <NewToken page={page} /> : null}
    </>
  );
}

function NewToken({ page }: { page: PageContext }) {
  const { say } = page;
  const words = PERSON_WORDS[page.language];
  const roles = [
    ...TOKEN_ROLES.filter((role) => role !== 'service').map((role) => [role, words[`role.${role}`]] as const),
    ...keysOf(PERMISSIONS).map(
      (scope) => [`service/${scope}`, say(SET_UP, 'onlyScope', { scope: say(RIGHTS, scope) })] as const,
    ),
  ];
  return (
    <>
      <h2>{say(SET_UP, 'newToken')}</h2>
      <Act page={page} action="/tokens" into="new">
        <NameField page={page} label={say(SET_UP, 'name')} name="name" example="mes-export" />
        <Choice label={words.role} name="role" of={roles} />
        <Field label={say(SET_UP, 'days')} name="days" type="number" value="90" />
        <button>{say(SET_UP, 'makeToken')}</button>
        <AnswerPlace page={page} id="new" />
      </Act>
    </>
  );
}
