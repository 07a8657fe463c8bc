/**
 * Restores the command characters of ZPL, because another program may have changed them (Zebra Programming Guide
 * P1012728-011: ^CC p. 126, ^CD p. 127, ~CT p. 139). Only Set-Get-Do commands can restore the command characters,
 * because a printer with changed characters understands no other ZPL.
 */
export const ZPL_CHARACTERS = [
  ['format_prefix', '5E'],
  ['delimiter', '2C'],
  ['control_character', '7E'],
]
  .map(([name, value]) => `! U1 setvar "zpl.${name}" "${value}"\r\n`)
  .join('');
