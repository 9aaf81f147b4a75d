/** One value that an operator gave, before it is checked. */
export interface Given {
  /** The name it was given under, as messages show it. */
  readonly label: string;
  readonly value: unknown;
}

/** What one source (the environment, the file) gives, by the names of that source; and what is wrong with its names. */
export interface Source {
  readonly given: ReadonlyMap<string, Given>;
  readonly faults: readonly string[];
}

/** The name under which a secret's file is given. */
export function fileNameOf(name: string): string {
  return name + (name === name.toUpperCase() ? '_FILE' : '_file');
}
