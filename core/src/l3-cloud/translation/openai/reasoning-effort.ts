import { z } from 'zod';

/** How long to think: OpenAI's words are the neutral ones. */
export const EFFORT = z.enum(['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max']);
