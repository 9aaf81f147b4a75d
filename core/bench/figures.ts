import { startChild } from './child.ts';

/** What a process measured, by name. */
export type Figures = Readonly<Record<string, number>>;

/** Runs a process of `processes/` that measures something by itself, and gives what it found. It gets `order` as JSON. */
export async function figuresOf(file: string, order: object): Promise<Figures> {
  const child = startChild({
    name: file,
    args: ['--conditions=isartor-source', '--expose-gc', `${import.meta.dirname}/processes/${file}`],
    env: { ORDER: JSON.stringify(order) },
  });
  try {
    return (await child.message(isReport)).figures;
  } finally {
    await child.stop();
  }
}

function isReport(message: unknown): message is { readonly figures: Figures } {
  return typeof message === 'object' && message !== null && 'figures' in message;
}
