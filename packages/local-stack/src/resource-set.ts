import type { ResourceIdentity } from "./intrinsics.ts";
import type { PropertyReader } from "./property-reader.ts";

/** One resource of the template with its properties resolved. */
export interface TemplateResource {
  readonly type: string;
  readonly logicalId: string;
  readonly identity: ResourceIdentity;
  readonly properties: PropertyReader;
}

/** The modelled resources of a stack, found by type or by what `Ref` gives. */
export class ResourceSet {
  readonly #resources: readonly TemplateResource[];

  constructor(resources: readonly TemplateResource[]) {
    this.#resources = resources;
  }

  ofType(...types: readonly string[]): TemplateResource[] {
    return this.#resources.filter((resource) => types.includes(resource.type));
  }

  byRef(type: string, ref: string): TemplateResource | undefined {
    return this.#resources.find((resource) => resource.type === type && resource.identity.ref === ref);
  }
}

/** An attribute that the resource's type always has. */
export function attributeOf(resource: TemplateResource, name: string): string {
  const value = resource.identity.attributes[name];
  if (value === undefined) throw new Error(`${resource.logicalId} (${resource.type}) has no attribute ${name}`);
  return value;
}
