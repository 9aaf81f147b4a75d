// Not a real tokenizer: pieces of about the size that one makes, whose concatenation is the text.
const PIECE = /\s?\p{L}{1,8}|\s?\p{N}{1,3}|\s+|[^\s\p{L}\p{N}]/gu;

/** Splits a text into pieces that stand for tokens; joined again they are the text. */
export function tokensOf(text: string): string[] {
  return text.match(PIECE) ?? [];
}
