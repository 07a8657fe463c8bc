import type { Context } from 'hono';
import { ClaimstampError } from '../platform/error.ts';
import { showProblem } from './sign-in-pages.tsx';

/**
 * Calls `act`. If `act` refuses, answers with the refusal in the format that the client expects. A client that accepts
 * HTML is a browser and gets a page. If the browser sent a form, the page shows the form again. Programs get
 * problem+json.
 */
export async function orShow(
  c: Context,
  act: () => Promise<Response>,
  show: (error: ClaimstampError) => Promise<Response> = (error) => showProblem(c, error),
): Promise<Response> {
  try {
    return await act();
  } catch (error) {
    const wantsPage = /\btext\/html\b/i.test(c.req.header('accept') ?? '');
    if (error instanceof ClaimstampError && wantsPage) return show(error);
    throw error;
  }
}
