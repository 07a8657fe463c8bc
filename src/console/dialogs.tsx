import { FRAME } from '../../words/console/frame.ts';
import { SIGN_IN } from '../../words/console/sign-in.ts';
import type { Say } from '../http/words.ts';

/* The dialogs of all pages. */

/** The confirmation dialog that desk.js shows before it sends a form that has `hx-confirm`. */
export function Question({ say }: { say: Say }) {
  return (
    <dialog class="ask" id="ask" aria-labelledby="asked">
      <h2 id="asked"></h2>
      <form method="dialog" class="row">
        <button class="btn btn-danger" value="yes">
          {say(FRAME, 'goAhead')}
        </button>
        <button class="btn" value="no" autofocus>
          {say(FRAME, 'cancel')}
        </button>
      </form>
    </dialog>
  );
}

/** desk.js shows this dialog if an action requires the password again, and then repeats the action. */
export function ConfirmPassword({ say, name, csrf }: { say: Say; name: string; csrf: string }) {
  return (
    <dialog class="ask" id="confirm-password" aria-labelledby="confirm-title" data-csrf={csrf}>
      <h2 id="confirm-title">{say(SIGN_IN, 'confirm')}</h2>
      <p>{say(SIGN_IN, 'confirmHere')}</p>
      <form method="dialog">
        <input name="name" value={name} autocomplete="username" readonly hidden />
        <div class="field">
          <label for="confirm-field">{say(SIGN_IN, 'password')}</label>
          <input id="confirm-field" name="password" type="password" autocomplete="current-password" required />
          <p class="error" role="alert" hidden></p>
        </div>
        <div class="row">
          <button class="btn btn-primary" value="yes">
            {say(SIGN_IN, 'confirm')}
          </button>
          <button class="btn" value="no" formnovalidate>
            {say(FRAME, 'cancel')}
          </button>
        </div>
      </form>
    </dialog>
  );
}
