/** The vectors that a model gives for the tokens of one text, in its order; special tokens are left out. */
export interface TokenVectors {
  /** As the tokenizer writes them, in WordPiece's way: a token that goes on with a word begins with `##`. */
  readonly tokens: readonly string[];
  /** Numbers in one vector. */
  readonly dimension: number;
  /** One row for each token, each of length 1, one after the other. */
  readonly vectors: Float32Array;
}
