import type { Child } from 'hono/jsx';
import { createHash } from 'node:crypto';
import { refusal } from '../platform/error.ts';
import type { Fields } from '../http/form.ts';
import { CSRF_FIELD } from '../http/session.ts';
import { ENDS, FACTS } from '../model/unit.ts';
import { COMMON } from '../../words/console/common.ts';
import type { PageContext } from './pages.tsx';
import type { Say } from '../http/words.ts';

/** Shows a time in the time zone of the service and the page's language. `at` is ms since 1970, or RFC 3339. */
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
  type?: 'text' | 'date' | 'number' | 'password';
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
        step={type === 'number' ? 'any' : undefined}
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

/**
 * The hint is inside the label element. Because of these attributes, screen readers do not read the hint as a part of
 * the field's name.
 */
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
  /** For each choice: its value, and the words that the page shows. */
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

export function statuses(say: Say): [string, string][] {
  return [['', say(COMMON, 'any')], ...[...FACTS, ...ENDS].map((fact): [string, string] => [fact, say(COMMON, fact)])];
}

/**
 * A form. The answer to the form replaces the content of the element `into`. If scripts are turned off, the answer is a
 * complete page.
 */
export function Act({
  page,
  action,
  into,
  ask,
  children,
}: {
  page: PageContext;
  action: string;
  into: string;
  /** The question before an act that cannot be undone. It says what will happen. */
  ask?: string;
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
      {...(ask === undefined ? {} : { 'hx-confirm': ask })}
    >
      <input type="hidden" name={CSRF_FIELD} value={page.csrf} />
      {children}
    </form>
  );
}

/** Returns the parameters in the page's address that are not empty. */
export function asked({ c }: PageContext, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = c.req.query(name)?.trim() ?? '';
      return value === '' ? [] : [[name, value]];
    }),
  );
}

/** Makes the browser load the page again. The loaded page shows the result of the action. */
export function refresh({ c }: PageContext): void {
  c.header('hx-refresh', 'true');
}

/**
 * Makes a fingerprint of the settings that a form showed. If the settings have changed since the form was shown, the
 * form is refused.
 */
export function stampOf(settings: object | undefined): string {
  return createHash('sha256')
    .update(JSON.stringify(settings ?? {}))
    .digest('hex')
    .slice(0, 16);
}

export function refuseStale(fields: Fields, now: object | undefined): void {
  if (fields.get('stamp') !== stampOf(now)) throw refusal('page-stale', 'reload');
}

/** Returns the fields of a form that are not empty. */
export function filled(fields: Fields, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = fields.get(name)?.trim() ?? '';
      return value === '' ? [] : [[name, value]];
    }),
  );
}

export function InFile({ page: { say } }: { page: PageContext }) {
  return <p class="soft">{say(COMMON, 'inFile')}</p>;
}

export function Secret({ page: { say }, name, text }: { page: PageContext; name: string; text: string }) {
  return (
    <section class="secret" role="status">
      <h3>{name}</h3>
      <pre tabindex={0}>{text}</pre>
      <p>{say(COMMON, 'shownOnce')}</p>
    </section>
  );
}

/** A table that scrolls separately on narrow screens. `caption` is the name of the table for screen readers. */
export function Table({ caption, heads, children }: { caption: string; heads: string[]; children: Child }) {
  return (
    <div class="scroll" tabindex={0} role="region" aria-label={caption}>
      <table class="table">
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
