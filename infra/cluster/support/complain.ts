/** Says on the console what went wrong in the background, where no test could catch it. */
export function complain(what: string, error: unknown): void {
  const why = error instanceof Error ? error.message : String(error);
  process.stderr.write(`${what}: ${why}\n`);
}
