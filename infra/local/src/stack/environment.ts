/** Environment variables, as `process.env` holds them. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** An error's message. */
export function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
