import { errorCode, messageOf } from './error.ts';
import { own } from './own.ts';

const WHY: Record<string, string> = {
  ENOENT: 'there is no such file or folder',
  ENOTDIR: 'a part of the path is a file, not a folder',
  EISDIR: 'the path is a folder, name a file',
  EEXIST: 'it exists',
  EACCES: 'this user has no permission',
  EPERM: 'this user has no permission',
  EROFS: 'the disk is read-only',
  ENOSPC: 'the disk is full',
};

/**
 * Returns a text for the person who named a file or folder. The text says why the file or folder cannot be read or
 * written.
 */
export function fileError(error: unknown): string {
  return own(WHY, errorCode(error)) ?? messageOf(error);
}
