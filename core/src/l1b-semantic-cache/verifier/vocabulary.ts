import type { Reading } from './reading.ts';

/** Looks words up in a table of classes, `class: word word …` a row; the classes that a text names, in its order. */
export class Vocabulary {
  private readonly classes = new Map<string, string>();

  constructor(rows: readonly string[]) {
    for (const row of rows) {
      const [name = '', words = ''] = row.split(': ');
      for (const word of words.split(' ')) this.classes.set(word, name);
    }
  }

  classOf(word: string): string | undefined {
    return this.classes.get(word);
  }

  in({ words }: Pick<Reading, 'words'>): string[] {
    return words.flatMap((word) => this.classes.get(word) ?? []);
  }
}
