/** `off`: this deployment keeps no semantic cache. `shadow`: it looks up and counts, and answers nothing. */
export type SemanticMode = 'off' | 'shadow' | 'serve';

/** Token of the mode. */
export const SemanticMode = Symbol('SemanticMode');
