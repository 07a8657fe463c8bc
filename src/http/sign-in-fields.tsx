import { NAME_PATTERN } from '../platform/name.ts';
import { SIGN_IN } from '../../words/console/sign-in.ts';
import { MAX_LETTERS, MIN_LETTERS } from './weak-password.ts';
import type { Say } from './words.ts';

/* The fields of the sign-in pages for names and passwords. */

/**
 * A fixed name is still shown in a field, so that the browser's password manager can use it. For a new name, the
 * browser itself checks the rule, because a refused form loses the passwords. The form's first empty field gets the
 * focus.
 */
export function NameField({ say, value, is = 'known' }: { say: Say; value: string; is?: 'known' | 'fixed' | 'new' }) {
  const rule = is === 'new' ? say(SIGN_IN, 'nameRule') : undefined;
  return (
    <label>
      {say(SIGN_IN, 'name')}
      {rule === undefined ? null : <small>{rule}</small>}
      <input
        name="name"
        value={value}
        autocomplete="username"
        autocapitalize="none"
        spellcheck={false}
        maxlength={64}
        {...(rule === undefined ? {} : { pattern: NAME_PATTERN, title: rule })}
        readonly={is === 'fixed'}
        autofocus={value === ''}
        required
      />
    </label>
  );
}

/** The field for an existing password. */
export function PresentPassword({
  say,
  name,
  autofocus = false,
}: {
  say: Say;
  name: 'password' | 'former';
  autofocus?: boolean;
}) {
  return (
    <label>
      {say(SIGN_IN, name)}
      <input type="password" name={name} autocomplete="current-password" autofocus={autofocus} required />
    </label>
  );
}

export function NewPassword({ say, autofocus = false }: { say: Say; autofocus?: boolean }) {
  return (
    <>
      <label>
        {say(SIGN_IN, 'newPassword')}
        <small>{say(SIGN_IN, 'lettersHint', { min: MIN_LETTERS, max: MAX_LETTERS })}</small>
        <input
          type="password"
          name="password"
          autocomplete="new-password"
          minlength={MIN_LETTERS}
          autofocus={autofocus}
          required
        />
      </label>
      <label>
        {say(SIGN_IN, 'again')}
        <input type="password" name="again" autocomplete="new-password" required />
      </label>
    </>
  );
}
