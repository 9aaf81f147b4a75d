/** A fault in a list of API keys. It names the place and the rule, and never quotes a value. */
export class KeyListError extends Error {
  override readonly name = 'KeyListError';
  /** Where the fault is, such as `[1].tenant`; empty for the list itself. */
  readonly path: string;

  constructor(path: string, rule: string) {
    super(path === '' ? `The list of keys ${rule}.` : `${path} ${rule}`);
    this.path = path;
  }
}
