import type { Operation } from '@isartor/shared';
import { ANTHROPIC_MESSAGES } from './anthropic/surface.ts';
import { GEMINI_GENERATE } from './gemini/surface.ts';
import { OPENAI_CHAT } from './openai-chat/surface.ts';
import { RESPONSES } from './responses/surface.ts';
import type { Surface } from './surface.port.ts';

/** Dialects whose requests can be put to a provider of another. */
export const SURFACES: ReadonlyMap<Operation, Surface> = new Map<Operation, Surface>([
  ['openai.chat', OPENAI_CHAT],
  // Its request is written as a chat request, and its answer read from a chat answer.
  ['native.chat', OPENAI_CHAT],
  ['openai.responses', RESPONSES],
  ['anthropic.messages', ANTHROPIC_MESSAGES],
  ['gemini.generate', GEMINI_GENERATE],
]);
