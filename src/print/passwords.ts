import { join } from 'node:path';
import { z } from 'zod';
import { parsePrinterUrl, type KeptPrinter, type Printer } from '../model/printer.ts';
import type { Login } from '../model/printing/sending.ts';
import { writeAtomically } from '../platform/atomic-file.ts';
import { readIfThere } from '../platform/file-error.ts';
import type { Log } from '../platform/log.ts';
import { own } from '../platform/own.ts';

/*
 * The passwords that the service sends to IPP printers. A password that must be sent cannot be stored as a hash. Copies
 * of the ledger leave this machine, so the passwords are in a separate file and never in the ledger
 * (docs/decisions/0020).
 */

/** Returns the user name and the password for the printer's current address. */
export type LoginOf = (printer: Printer) => Login | undefined;

export interface PrinterPasswords {
  of: LoginOf;
  /**
   * Saves a password for the printer's current address, or removes it. When the promise resolves, the change is on
   * disk.
   */
  set: (printer: Printer, password: string | undefined) => Promise<void>;
}

const File = z.record(z.string(), z.strictObject({ place: z.string(), password: z.string() }));
type File = z.infer<typeof File>;

export function openPasswords(data: string, log: Log): PrinterPasswords {
  const file = passwordFile(data);
  let kept = readKept(file, log);
  let last: Promise<unknown> = Promise.resolve();
  return {
    of: (printer) => {
      const { user } = printer.kind === 'ipp' ? printer : {};
      if (user === undefined) return undefined;
      const found = own(kept, printer.name);
      return found?.place === placeFor(printer) ? { user, password: found.password } : { user };
    },
    async set(printer, password) {
      const change = async (): Promise<void> => {
        const { [printer.name]: _former, ...others } = kept;
        const next =
          password === undefined ? others : { ...others, [printer.name]: { place: placeFor(printer), password } };
        await writeAtomically(file, JSON.stringify(next));
        kept = next;
      };
      last = last.then(change, change);
      await last;
    },
  };
}

export function passwordFile(data: string): string {
  return join(data, 'printer-passwords.json');
}

function readKept(file: string, log: Log): File {
  const text = readIfThere(file);
  if (text === undefined) return {};
  try {
    return File.parse(JSON.parse(text));
  } catch {
    // Neither the text nor the error is logged, because both may contain a password.
    log.warn({ file }, 'the passwords of printers cannot be read: set them again');
    return {};
  }
}

/**
 * A password belongs to one address and certificate. Otherwise, a person could change the printer's address and receive
 * the password at the new address.
 */
function placeFor(printer: Printer | KeptPrinter): string {
  if (printer.kind !== 'ipp') return '';
  const { url, host } = parsePrinterUrl(printer.url) ?? {};
  return [url?.protocol, host, url?.port, printer.certificate?.replace(/:/g, '').toLowerCase() ?? ''].join(' ');
}
