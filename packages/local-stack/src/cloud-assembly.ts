import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { isObject, type JsonObject } from "./property-reader.ts";

/** One stack of a synthesised cloud assembly, before its intrinsics are resolved. */
export interface AssemblyStack {
  readonly stackName: string;
  readonly template: JsonObject;
  /** Object key in the assets bucket → directory that holds the asset. */
  readonly assetPaths: ReadonlyMap<string, string>;
}

/** Finds a stack in `cdk.out`, looking into nested assemblies (stages) too. */
export function findStack(cdkOutDir: string, stackName?: string): AssemblyStack {
  const stacks = listStacks(resolve(cdkOutDir));
  const wanted = stackName === undefined ? stacks : stacks.filter((stack) => stack.stackName === stackName);
  const [found, another] = wanted;
  const names = stacks.map((stack) => stack.stackName).join(", ");
  if (found === undefined) throw new Error(`${cdkOutDir} holds no stack ${stackName ?? ""}; it holds: ${names}`);
  if (another !== undefined) throw new Error(`${cdkOutDir} holds several stacks, say which one: ${names}`);
  return { stackName: found.stackName, template: readJson(found.templateFile), assetPaths: readAssets(found) };
}

interface StackFiles {
  readonly directory: string;
  readonly stackName: string;
  readonly templateFile: string;
}

function listStacks(directory: string): StackFiles[] {
  const manifestFile = join(directory, "manifest.json");
  if (!existsSync(manifestFile)) throw new Error(`${directory} is not a cloud assembly: it has no manifest.json`);
  const { artifacts } = readJson(manifestFile);
  return Object.entries(isObject(artifacts) ? artifacts : {}).flatMap(([id, artifact]) => {
    if (!isObject(artifact) || !isObject(artifact.properties)) return [];
    const { properties } = artifact;
    if (artifact.type === "cdk:cloud-assembly") return listStacks(join(directory, String(properties.directoryName)));
    if (artifact.type !== "aws:cloudformation:stack") return [];
    const stackName = typeof properties.stackName === "string" ? properties.stackName : id;
    return [{ directory, stackName, templateFile: join(directory, String(properties.templateFile)) }];
  });
}

function readAssets(stack: StackFiles): Map<string, string> {
  const assetsFile = stack.templateFile.replace(/\.template\.json$/, ".assets.json");
  const paths = new Map<string, string>();
  if (!existsSync(assetsFile)) return paths;
  const { files } = readJson(assetsFile);
  for (const file of Object.values(isObject(files) ? files : {})) {
    if (!isObject(file) || !isObject(file.source) || !isObject(file.destinations)) continue;
    for (const destination of Object.values(file.destinations)) {
      if (isObject(destination))
        paths.set(String(destination.objectKey), join(stack.directory, String(file.source.path)));
    }
  }
  return paths;
}

function readJson(file: string): JsonObject {
  const parsed: unknown = JSON.parse(readFileSync(file, "utf8"));
  if (!isObject(parsed)) throw new Error(`${file} does not hold a JSON object`);
  return parsed;
}
