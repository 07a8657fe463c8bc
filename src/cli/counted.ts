/** Returns a count with its noun in English, such as `1 label` and `3 labels`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
