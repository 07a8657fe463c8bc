import type { Child } from 'hono/jsx';
import { createHash } from 'node:crypto';
import { refusal } from '../platform/error.ts';
import type { Fields } from '../http/form.ts';
import { CSRF_FIELD } from '../http/session.ts';
import { ENDS, FACTS } from '../model/unit.ts';
import { COMMON } from '../../words/console/common.ts';
import type { PageContext } from './pages.tsx';
import type { Say } from '../http/words.ts';

/* What several pages are made of. */

/** A moment in the time zone of the service and the page's language. `at`: ms since 1970, or RFC 3339. */
export function Time({ page: { language }, at }: { page: PageContext; at: number | string }) {
  const date = new Date(at);
  const shown = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'medium' }).format(date);
  return <time datetime={date.toISOString()}>{shown}</time>;
}

interface FieldProps {
  label: string;
  name: string;
  value?: string | undefined;
  hint?: string;
  type?: 'text' | 'date' | 'number';
  required?: boolean;
  max?: number;
}

export function Field({ label, name, value = '', hint, type = 'text', required = false, max = 128 }: FieldProps) {
  return (
    <label>
      {label}
      <input
        name={name}
        type={type}
        value={value}
        maxlength={max}
        required={required}
        autocomplete="off"
        {...described(label, name, hint)}
      />
      <Hint name={name} hint={hint} />
    </label>
  );
}

/** A hint stands inside the label, and describes the field instead of being part of its name. */
function described(label: string, name: string, hint: string | undefined): object {
  return hint === undefined ? {} : { 'aria-label': label, 'aria-describedby': `hint-${name}` };
}

function Hint({ name, hint }: { name: string; hint: string | undefined }) {
  return hint === undefined ? null : <small id={`hint-${name}`}>{hint}</small>;
}

interface ChoiceProps {
  label: string;
  name: string;
  value?: string | undefined;
  hint?: string;
  /** Value → words. */
  of: readonly (readonly [string, string])[];
}

export function Choice({ label, name, value = '', hint, of }: ChoiceProps) {
  return (
    <label>
      {label}
      <select name={name} {...described(label, name, hint)}>
        {of.map(([key, words]) => (
          <option value={key} selected={key === value}>
            {words}
          </option>
        ))}
      </select>
      <Hint name={name} hint={hint} />
    </label>
  );
}

/** The furthest fact that still stands, to choose from. */
export function statuses(say: Say): [string, string][] {
  return [['', say(COMMON, 'any')], ...[...FACTS, ...ENDS].map((fact): [string, string] => [fact, say(COMMON, fact)])];
}

/** A form whose answer takes the place of the element with this id. Without script it leads to the answer alone. */
export function Act({
  page,
  action,
  into,
  children,
}: {
  page: PageContext;
  action: string;
  into: string;
  children: Child;
}) {
  return (
    <form
      class="act"
      method="post"
      action={action}
      hx-post={action}
      hx-target={`#${into}`}
      hx-disabled-elt="find button"
    >
      <input type="hidden" name={CSRF_FIELD} value={page.csrf} />
      {children}
    </form>
  );
}

/** Of the query of this page's address: what a search form was filled in with. */
export function asked({ c }: PageContext, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = c.req.query(name)?.trim() ?? '';
      return value === '' ? [] : [[name, value]];
    }),
  );
}

/** What was done shows on the page itself: it is drawn anew. */
export function refresh({ c }: PageContext): void {
  c.header('hx-refresh', 'true');
}

/** Of settings as a form showed them: who saves older ones is told, and nothing is lost. */
export function stampOf(settings: object | undefined): string {
  return createHash('sha256')
    .update(JSON.stringify(settings ?? {}))
    .digest('hex')
    .slice(0, 16);
}

export function refuseStale(fields: Fields, now: object | undefined): void {
  if (fields.get('stamp') !== stampOf(now)) throw refusal('page-stale', 'reload');
}

/** The fields that say something: an empty one is left out. */
export function filled(fields: Fields, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = fields.get(name)?.trim() ?? '';
      return value === '' ? [] : [[name, value]];
    }),
  );
}

/** Set in the configuration file: shown, and not to be changed here. */
export function InFile({ page: { say } }: { page: PageContext }) {
  return <p class="soft">{say(COMMON, 'inFile')}</p>;
}

/** Shown this once. */
export function Secret({ page: { say }, name, text }: { page: PageContext; name: string; text: string }) {
  return (
    <section class="secret" role="status">
      <h3>{name}</h3>
      <pre tabindex={0}>{text}</pre>
      <p>{say(COMMON, 'shownOnce')}</p>
    </section>
  );
}

/** A table that scrolls by itself where the screen is narrow. `caption` names it for who does not see it. */
export function Table({ caption, heads, children }: { caption: string; heads: string[]; children: Child }) {
  return (
    <div class="wide" tabindex={0} role="region" aria-label={caption}>
      <table>
        <thead>
          <tr>
            {heads.map((head) => (
              <th scope="col">{head}</th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}

export function path(...parts: string[]): string {
  return `/${parts.map(encodeURIComponent).join('/')}`;
}
