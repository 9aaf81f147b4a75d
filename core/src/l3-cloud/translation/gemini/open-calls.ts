/** Calls of a conversation that have not been answered yet: an answer names its call, or is the next of its name. */
export class OpenCalls {
  private readonly open: { readonly id: string; readonly name: string }[] = [];
  private count = 0;

  /** The id of a call, which Gemini's need not have. */
  begin(id: string | undefined, name: string): string {
    this.count += 1;
    const given = id ?? `call_${this.count}`;
    this.open.push({ id: given, name });
    return given;
  }

  /** The id of the call that is answered; undefined: there is none. */
  answer(id: string | undefined, name: string): string | undefined {
    const at = this.open.findIndex((call) => (id === undefined ? call.name === name : call.id === id));
    return at < 0 ? undefined : this.open.splice(at, 1)[0]?.id;
  }
}
