/** Variables as the shell and `.env` give them to Compose. */
export type Variables = Readonly<Record<string, string>>;

const REFERENCE = /\$(?:(?<dollar>\$)|\{(?<name>[A-Za-z_]\w*)(?::-(?<unset>(?:[^{}]|\$\{[^{}]*\})*))?\})/g;

/**
 * Puts variables into a text of a Compose file: `${NAME}`, `${NAME:-default}` (one more of them within the default) and `$$`.
 * @throws Error at any other form, which this repository's files do not use
 */
export function interpolate(text: string, variables: Variables): string {
  const rest = text.replace(REFERENCE, '');
  if (rest.includes('$')) throw new Error(`not understood: ${text}`);
  return text.replace(REFERENCE, (...match) => {
    const { dollar, name = '', unset = '' } = match.at(-1) as Partial<Record<string, string>>;
    return dollar ?? (variables[name] || interpolate(unset, variables));
  });
}

/** The names of the variables in a text of a Compose file, those within defaults too. */
export function variablesIn(text: string): readonly string[] {
  return [...text.replaceAll('$$', '').matchAll(/\$\{([A-Za-z_]\w*)/g)].map((match) => match[1] ?? '');
}
