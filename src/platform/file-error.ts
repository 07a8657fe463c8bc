import { accessSync, constants, existsSync, lstatSync, readFileSync, rmSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { ClaimstampError, errorCode, messageOf, traceOf } from './error.ts';
import { own } from './own.ts';

const WHY: Record<string, string> = {
  ENOENT: 'there is no such file or folder',
  ENOTDIR: 'a part of the path is a file, not a folder',
  EISDIR: 'the path is a folder, not a file',
  EEXIST: 'it exists',
  EACCES: 'this user has no permission',
  EPERM: 'this user has no permission',
  EROFS: 'the disk is read-only',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EIO: 'the disk reports an error',
  ELOOP: 'the symbolic links form a circle',
  ENAMETOOLONG: 'the path is too long',
  EXDEV: 'the folders are on different disks',
  EBUSY: 'another program uses it',
  ETXTBSY: 'another program uses it',
};

/**
 * Returns a text for the person who named a file or folder. The text says why the file or folder cannot be read or
 * written.
 */
export function fileError(error: unknown): string {
  const code = errorCode(error);
  const why = whyOf(error);
  const path = isDenied(code) && error instanceof Error && 'path' in error ? error.path : undefined;
  return typeof path === 'string' ? `${why}: ${permissionRemedy(path)}` : why;
}

function whyOf(error: unknown): string {
  return own(WHY, errorCode(error)) ?? messageOf(error);
}

function isDenied(code: string): boolean {
  return code === 'EACCES' || code === 'EPERM';
}

/**
 * Returns a refusal for a file or folder that the program itself chose. The refusal contains the path, why the path
 * cannot be used, and what to do.
 */
export function fileFault(path: string, error: unknown): ClaimstampError {
  return new ClaimstampError('invalid', faultOf(path, error));
}

function faultOf(path: string, error: unknown): string {
  const code = errorCode(error);
  // If `rmSync` should delete a file but finds a folder, Node reports a special code.
  if (code === 'EISDIR' || code === 'ERR_FS_EISDIR') return isFolder(path);
  return `${path} cannot be used (${whyOf(error)}): ${remedyFor(path, code)}`;
}

/** True if the path is a folder, and false if the path cannot be seen. */
export function isDirectory(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

function isFolder(path: string): string {
  return `${path} is a folder, but must be a file: move the folder to another place`;
}

/**
 * Returns why a file cannot be read, written or made. Does not open the file. If this process opened and then closed
 * the file, the operating system would release the locks that SQLite holds on the file (fcntl).
 */
export function fileProblem(file: string, mode = constants.R_OK | constants.W_OK): string | undefined {
  try {
    const found = statSync(file, { throwIfNoEntry: false });
    if (found === undefined) return folderProblem(dirname(file));
    if (found.isDirectory()) return isFolder(file);
    return accessProblem(file, mode);
  } catch (error) {
    return faultOf(file, error);
  }
}

/** Returns why a folder cannot be made, or why no files can be made in it. Changes nothing. */
export function folderProblem(folder: string): string | undefined {
  try {
    const found = lstatSync(folder, { throwIfNoEntry: false });
    if (found === undefined) return missingProblem(folder);
    const target = statSync(folder, { throwIfNoEntry: false });
    if (target === undefined)
      return `${folder} is a symbolic link to a missing folder: make that folder, or remove the link`;
    if (!target.isDirectory())
      return `${folder} is a file, but must be a folder: move the file, or name another folder`;
    return accessProblem(folder, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    // A part of the path that should be a folder is a file.
    if (errorCode(error) === 'ENOTDIR') return folderProblem(dirname(folder));
    return faultOf(folder, error);
  }
}

/** Returns why a missing folder cannot be made. Never names a command that changes the folders above it. */
function missingProblem(folder: string): string | undefined {
  const above = dirname(folder);
  if (above === folder) return undefined;
  const user = process.getuid?.();
  if (user === undefined || !existsSync(above) || ownerOf(above) === user || !isClosed(above))
    return folderProblem(above);
  return `there is no folder ${folder}, and this user may not make it: make it as root (install -d -o ${user} ${folder}), or name another folder`;
}

function isClosed(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK | constants.X_OK);
    return false;
  } catch (error) {
    return isDenied(errorCode(error));
  }
}

function accessProblem(path: string, mode: number): string | undefined {
  try {
    accessSync(path, mode);
    return undefined;
  } catch (error) {
    return faultOf(path, error);
  }
}

const REMEDIES: Record<string, string> = {
  ENOENT: 'make this file or folder, or correct the setting that names it',
  ENOTDIR: 'move the file, or correct the setting that names this path',
  EROFS: 'mount this disk with write access, or choose a folder on another disk',
  ENOSPC: 'free some space on this disk',
  EDQUOT: 'free some space on this disk, or raise the quota of this user',
};

function remedyFor(path: string, code: string): string {
  if (isDenied(code)) return permissionRemedy(path);
  return own(REMEDIES, code) ?? 'check this path and its disk';
}

/**
 * Returns a remedy that names the owner of the path. If this user cannot see the path, the remedy names the closest
 * folder above it that the user can see, and its owner.
 */
function permissionRemedy(path: string): string {
  const user = process.getuid?.();
  const owner = ownerOf(path);
  if (user === undefined) return 'give this user the permission';
  if (owner === undefined) return permissionRemedy(dirname(path));
  if (owner === user) return `give its owner the permission (chmod u+rwX ${path})`;
  return otherOwner(path, owner, user);
}

function otherOwner(path: string, owner: number, user: number): string {
  return `${path} belongs to user ${owner} and this process runs as user ${user}: run it as user ${owner}, or give the path to user ${user} (chown -R ${user} ${path})`;
}

/**
 * Returns a sentence if a file belongs to a different user than this process. Root can use any file, so for root there
 * is no such problem.
 */
export function ownerProblem(file: string): string | undefined {
  const user = process.getuid?.();
  const owner = existsSync(file) ? ownerOf(file) : undefined;
  return user === undefined || owner === undefined || owner === user ? undefined : otherOwner(file, owner, user);
}

function ownerOf(path: string): number | undefined {
  try {
    return statSync(path).uid;
  } catch (error) {
    if (dirname(path) === path) throw error;
    return undefined;
  }
}

/**
 * Returns a sentence about a file system error that no other message has explained. Returns undefined for any other
 * error.
 */
export function unexplainedFault(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('syscall' in error)) return undefined;
  if ('path' in error && typeof error.path === 'string') return faultOf(error.path, error);
  const code = errorCode(error);
  const why = own(WHY, code);
  return why === undefined ? undefined : `a file cannot be used: ${why}`;
}

/** Returns a sentence for an error that the program expects, and the trace of any other error. */
export function explained(error: unknown): string {
  if (error instanceof ClaimstampError) return error.message;
  return unexplainedFault(error) ?? databaseFault(error) ?? traceOf(error);
}

/** Only these errors of SQLite are about the file or its disk. All others are faults of the program. */
const OF_THE_FILE = /^SQLITE_(BUSY|CANTOPEN|CORRUPT|FULL|IOERR|NOTADB|READONLY)/;

function databaseFault(error: unknown): string | undefined {
  const code = errorCode(error);
  return OF_THE_FILE.test(code) ? `the database cannot be used: ${messageOf(error)} (${code})` : undefined;
}

/** Reads a small file in the data folder. Returns undefined if the file is missing. */
export function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw fileFault(file, error);
  }
}

/** Deletes a small file in the data folder, if the file exists. */
export function removeIfThere(file: string): void {
  try {
    rmSync(file, { force: true });
  } catch (error) {
    throw fileFault(file, error);
  }
}
