import type { PresetName } from './provider-presets.ts';

/** What an operator may write in place of the address of a cloud. */
export interface CloudMembers {
  readonly resource?: string | undefined;
  readonly api_version?: string | undefined;
  readonly project?: string | undefined;
  readonly location?: string | undefined;
  readonly region?: string | undefined;
}

type Cloud = 'azure' | 'vertex' | 'bedrock';

/** Which of them belong to which cloud. */
const MEMBERS: Readonly<Record<Cloud, readonly (keyof CloudMembers)[]>> = {
  azure: ['resource', 'api_version'],
  vertex: ['project', 'location'],
  bedrock: ['region'],
};
const ALL = Object.values(MEMBERS).flat();

/** How a cloud's address is written, for messages. */
const EXAMPLES: Readonly<Record<Cloud, string>> = {
  azure: 'https://RESOURCE.openai.azure.com/openai/v1',
  vertex: 'https://aiplatform.googleapis.com/v1/projects/PROJECT/locations/global',
  bedrock: 'https://bedrock-runtime.REGION.amazonaws.com',
};

/** Whether a preset is a cloud, each of whose customers has an address of its own. */
function isCloud(preset: PresetName | undefined): preset is Cloud {
  return preset !== undefined && Object.hasOwn(MEMBERS, preset);
}

/** The address of a cloud, as a message may give it for an example; undefined: the preset is none. */
export function exampleAddress(preset: PresetName): string | undefined {
  return isCloud(preset) ? EXAMPLES[preset] : undefined;
}

/** The address that its members amount to; undefined: they do not suffice. */
export function cloudAddress(preset: PresetName | undefined, members: CloudMembers): string | undefined {
  if (!isCloud(preset)) return undefined;
  const { resource, api_version: version, project, location, region } = members;
  switch (preset) {
    case 'azure':
      return resource && `https://${resource}.openai.azure.com/openai${version === undefined ? '/v1' : ''}`;
    case 'vertex':
      return project && location && vertexAddress(project, location);
    case 'bedrock':
      return region && `https://bedrock-runtime.${region}.amazonaws.com`;
    default:
      return preset satisfies never;
  }
}

function vertexAddress(project: string, location: string): string {
  const region = location === 'global' ? '' : `${location}-`;
  return `https://${region}aiplatform.googleapis.com/v1/projects/${project}/locations/${location}`;
}

/** The region in one of Bedrock's own addresses, a private endpoint's too; undefined: it has none. */
export function regionIn(url: string): string | undefined {
  const [, region] = /^https?:\/\/(?:[^/]*\.)?bedrock-runtime(?:-fips)?\.([a-z]{2}[a-z0-9-]+)\./.exec(url) ?? [];
  return region;
}

/** What an address of a cloud is made of, as a message asks for it. */
const WANTED: Readonly<Record<Cloud, string>> = {
  azure: 'resource is needed; write it',
  vertex: 'project and location are needed; write them',
  bedrock: 'region is needed; write it',
};

/** How a message asks for what an address is made of; undefined: the preset is no cloud. */
export function wantedMembers(preset: PresetName | undefined): string | undefined {
  return isCloud(preset) ? WANTED[preset] : undefined;
}

/** A member that is given and belongs to another preset, and to which. */
export function strayMember(preset: PresetName | undefined, members: CloudMembers): string | undefined {
  const own: readonly string[] = isCloud(preset) ? MEMBERS[preset] : [];
  const stray = ALL.find((member) => members[member] !== undefined && !own.includes(member));
  if (stray === undefined) return undefined;
  const [owner] = Object.entries(MEMBERS).find(([, names]) => names.includes(stray)) ?? [];
  return `${stray} is of the preset ${owner ?? ''} alone; leave it out`;
}
