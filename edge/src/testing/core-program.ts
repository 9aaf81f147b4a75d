import { inject } from 'vitest';
import type { CoreAnswer, SeenRequest } from '../../test/support/core-answer.ts';
import { PROGRAM } from '../../test/support/core-answer.ts';

/** One test's orders to a fake core; the last answer repeats. */
export class CoreProgram {
  readonly #id = crypto.randomUUID();

  private constructor(readonly url: string) {}

  static async on(core: 'coreA' | 'coreB', ...answers: CoreAnswer[]): Promise<CoreProgram> {
    const program = new CoreProgram(inject(core));
    await program.answerWith(...answers);
    return program;
  }

  /** Gives the same orders' id to another core, for a test of both. */
  async andOn(core: 'coreA' | 'coreB', ...answers: CoreAnswer[]): Promise<void> {
    await fetch(`${inject(core)}/__program/${this.#id}`, { method: 'PUT', body: JSON.stringify(answers) });
  }

  /** New orders; what was seen is forgotten. */
  async answerWith(...answers: CoreAnswer[]): Promise<void> {
    await fetch(`${this.url}/__program/${this.#id}`, { method: 'PUT', body: JSON.stringify(answers) });
  }

  get headers(): Record<string, string> {
    return { [PROGRAM]: this.#id };
  }

  async seen(url = this.url): Promise<SeenRequest[]> {
    return (await fetch(`${url}/__seen/${this.#id}`)).json();
  }

  /** Lets an answer go out that waits for it. */
  async go(): Promise<void> {
    await (await fetch(`${this.url}/__go/${this.#id}`)).text();
  }

  /** Resolves when a connection closed before its answer was complete. */
  async closed(): Promise<void> {
    await (await fetch(`${this.url}/__closed/${this.#id}`)).text();
  }
}
