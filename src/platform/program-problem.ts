import { accessSync, constants, statSync } from 'node:fs';
import { fileError } from './file-error.ts';

/** Returns why this user cannot run a program. Returns undefined if the user can run it. */
export function programProblem(path: string): string | undefined {
  try {
    if (!statSync(path).isFile()) return `${path} is not a file: name a program`;
  } catch (error) {
    return `${path}: ${fileError(error)}`;
  }
  try {
    accessSync(path, constants.X_OK);
    return undefined;
  } catch {
    return `${path} is not executable for the user of the service: run chmod +x on it`;
  }
}
