/**
 * The result of one check. `problem`: the production line has stopped, or could not start. `warning`: someone should
 * act soon.
 */
export interface Finding {
  check: string;
  state: 'ok' | 'warning' | 'problem';
  text: string;
}
