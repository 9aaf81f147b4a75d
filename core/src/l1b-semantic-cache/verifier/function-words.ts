/** Words that carry no content of their own: they are neither missed nor ordered. */
const FUNCTION_WORDS: ReadonlySet<string> = new Set(
  (
    'a an the this that these those there here it its i you he she we they me him her us them my your his our their one ' +
    'someone anyone something anything is am are was were be been being do does did done have has had having can could ' +
    'will would shall should may might must to of in on at by for from with about into over under after before between ' +
    'and or but if then so as than when where why how what which who whom whose not no yes please tell explain show ' +
    'give me want need like get got just really very also too some any way ways thing things best good mean means ok okay ' +
    'process procedure possible allowed able let know wonder wondering'
  ).split(' '),
);

/** Whether a word (in lower case) carries no content. */
export function isFunctionWord(word: string): boolean {
  return FUNCTION_WORDS.has(word);
}
