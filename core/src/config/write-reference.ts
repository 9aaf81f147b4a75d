import { mkdirSync, writeFileSync } from 'node:fs';
import { errorPage } from '../http/error-reference.ts';
import { editorSchema, referencePage } from './reference.ts';

// Writes the generated pages: node --conditions=isartor-source core/src/config/write-reference.ts

const docs = new URL('../../docs/', import.meta.url);
mkdirSync(docs, { recursive: true });
writeFileSync(new URL('configuration.md', docs), referencePage());
writeFileSync(new URL('isartor.schema.json', docs), editorSchema());
writeFileSync(new URL('errors.md', docs), errorPage());
