import { hash } from 'node:crypto';
import type { Sha256Hex } from '@isartor/shared';

/** Hex SHA-256 of a text's UTF-8 bytes. */
export const sha256Hex: Sha256Hex = (text) => hash('sha256', text, 'hex');
