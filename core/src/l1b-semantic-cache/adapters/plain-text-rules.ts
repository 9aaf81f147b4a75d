/** How tokenizers spell what is not of the text: `[SEP]`, `<s>`, `</s>`, `<pad>`, `<|endoftext|>`. */
const SPECIAL = /\[(?:CLS|SEP|PAD|UNK|MASK)\]|<\/?(?:s|pad|unk|mask|bos|eos)>|<\|[^|<>]*\|>/i;
/** Letters of other scripts than Latin, and pictures: a model that does not know them gives them all one vector. */
const UNPROVEN = /[^\P{L}\p{Script=Latin}]|\p{Extended_Pictographic}/u;

/** Whether a text spells a token that tokenizers keep for themselves. */
export function spellsSpecialToken(text: string): boolean {
  return SPECIAL.test(text);
}

/** Whether a text has letters that a model whose tokens nobody tells may not know. */
export function usesUnprovenScript(text: string): boolean {
  return UNPROVEN.test(text);
}
