import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';

/**
 * Writes the JSON schemas by which kubeconform checks manifests, strictly (a field that no schema knows is a fault):
 *
 *   make-schemas.ts FOLDER kubernetes OPENAPI.json    of a Kubernetes version
 *   make-schemas.ts FOLDER crds FILE-OR-FOLDER…       of custom resources, by their definitions
 *
 * As `<group>/<kind>_<version>.json`, all in lower case; what kubeconform calls the core group is `v1`.
 */
type Json = Readonly<Record<string, unknown>>;

const QUANTITY = 'io.k8s.apimachinery.pkg.api.resource.Quantity';

function main([folder, kind, ...sources]: readonly string[]): void {
  if (folder === undefined || sources[0] === undefined)
    throw new Error('make-schemas.ts FOLDER kubernetes|crds SOURCE…');
  if (kind === 'kubernetes') writeKubernetes(folder, mappingOf(JSON.parse(readFileSync(sources[0], 'utf8'))));
  else for (const source of sources) for (const file of yamlFiles(source)) writeCustomResources(folder, file);
}

function writeKubernetes(folder: string, openApi: Json): void {
  const definitions = mappingOf(openApi['definitions']);
  const strict = Object.entries(definitions).map(([name, schema]) => [name, strictSchema(schema)] as const);
  const all = { ...Object.fromEntries(strict), [QUANTITY]: { oneOf: [{ type: 'string' }, { type: 'number' }] } };
  write(folder, '_definitions.json', { definitions: all });
  for (const [name, schema] of Object.entries(definitions)) {
    const names = listOf(mappingOf(schema)['x-kubernetes-group-version-kind']);
    if (names.length !== 1) continue;
    const { group, version, kind } = mappingOf(names[0]);
    const reference = { $ref: `../_definitions.json#/definitions/${name}` };
    writeSchema(folder, String(group) || 'v1', String(kind), String(version), { allOf: [reference] });
  }
}

function writeCustomResources(folder: string, file: string): void {
  for (const document of parseAllDocuments(readFileSync(file, 'utf8'))) {
    const object: unknown = document.toJS();
    if (!isMapping(object) || object['kind'] !== 'CustomResourceDefinition') continue;
    const spec = mappingOf(object['spec']);
    for (const version of listOf(spec['versions']).map(mappingOf)) {
      const schema = strictSchema(withObjectFields(mappingOf(mappingOf(version['schema'])['openAPIV3Schema'])));
      writeSchema(
        folder,
        String(spec['group']),
        String(mappingOf(spec['names'])['kind']),
        String(version['name']),
        schema,
      );
    }
  }
}

/** What every object has; a definition need not say it. */
function withObjectFields(schema: Json): Json {
  const fields = { apiVersion: { type: 'string' }, kind: { type: 'string' }, metadata: { type: 'object' } };
  return { ...schema, properties: { ...fields, ...mappingOf(schema['properties']) } };
}

function writeSchema(folder: string, group: string, kind: string, version: string, schema: unknown): void {
  write(join(folder, group), `${kind}_${version}.json`.toLowerCase(), schema);
}

function write(folder: string, name: string, value: unknown): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, name), JSON.stringify(value));
}

/** A schema without prose and formats, which refuses what it does not name. */
function strictSchema(schema: unknown): unknown {
  if (!isMapping(schema)) return schema;
  if (isIntOrString(schema)) return { oneOf: [{ type: 'string' }, { type: 'integer' }] };
  if (typeof schema['$ref'] === 'string') return { $ref: schema['$ref'] };
  const { properties, description: _prose, format: _format, ...rest } = schema;
  const inner = Object.fromEntries(Object.entries(rest).map(([key, value]) => [key, strictKeyword(key, value)]));
  if (!isMapping(properties)) return inner;
  const isOpen = schema['x-kubernetes-preserve-unknown-fields'] === true || 'additionalProperties' in schema;
  const strict = Object.fromEntries(Object.entries(properties).map(([name, value]) => [name, strictSchema(value)]));
  return { ...inner, properties: strict, ...(isOpen ? {} : { additionalProperties: false }) };
}

function strictKeyword(key: string, value: unknown): unknown {
  if (key === 'items' || key === 'additionalProperties') return strictSchema(value);
  return value;
}

function isIntOrString(schema: Json): boolean {
  return schema['format'] === 'int-or-string' || schema['x-kubernetes-int-or-string'] === true;
}

function yamlFiles(source: string): readonly string[] {
  if (!statSync(source).isDirectory()) return [source];
  return readdirSync(source)
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => join(source, name));
}

function isMapping(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function mappingOf(value: unknown): Json {
  return isMapping(value) ? value : {};
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

main(process.argv.slice(2));
