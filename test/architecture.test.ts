import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";

const root = resolve(import.meta.dirname, "..");

/**
 * What each layer may import (its own layer is always allowed, files inside one layer are judged below). Arrows point
 * inward; a layer that is not named may import anything.
 */
const ALLOWED: Record<string, readonly string[]> = {
  "src/core": [],
  "src/sources": ["src/core", "src/config"],
  "src/destinations": ["src/core"],
  "src/detectors": ["src/core"],
  // For the tools of people. No other layer may name it: a delivery λ must stay small.
  "src/explanations": ["src/core"],
  "src/config": ["src/core", "src/destinations"],
  "src/pipeline": ["src/core", "src/config", "src/sources", "src/destinations", "src/detectors"],
  // Use cases of people and their tools, behind the ops API.
  "src/ops": ["src/core", "src/config", "src/sources", "src/destinations", "src/explanations", "src/pipeline"],
  "src/adapters": [
    "src/core",
    "src/config",
    "src/sources",
    "src/destinations",
    "src/detectors",
    "src/pipeline",
    "src/ops",
  ],
  lambdas: [
    "src/adapters",
    "src/core",
    "src/destinations",
    "src/pipeline",
    "src/config",
    "src/ops",
    "src/explanations",
  ],
  lib: ["src/core", "src/config", "src/destinations"],
  "packages/local-stack": [],
  "packages/sandbox": [],
};

/** Layers whose code is given time, randomness, network and environment as arguments. */
const PURE = [
  "src/core",
  "src/sources",
  "src/destinations",
  "src/detectors",
  "src/explanations",
  "src/pipeline",
  "src/ops",
];
const PURE_BUILTINS = new Set(["node:crypto", "node:zlib", "node:buffer"]);
const IMPURE = /\bprocess\.env\b|\bDate\.now\(|\bnew Date\(\)|\bMath\.random\(|\bset(Timeout|Interval)\(|\bfetch\(/;

interface SourceFile {
  path: string;
  layer: string;
  text: string;
  imports: string[];
}

function tsFiles(dir: string): string[] {
  return readdirSync(join(root, dir), { withFileTypes: true }).flatMap((entry) => {
    const path = join(dir, entry.name);
    if (entry.isDirectory()) return entry.name === "test" || entry.name === "node_modules" ? [] : tsFiles(path);
    return entry.name.endsWith(".ts") ? [path] : [];
  });
}

function layerOf(path: string): string {
  const parts = path.split("/");
  return ["src", "packages"].includes(parts[0] ?? "") ? `${parts[0]}/${parts[1]}` : (parts[0] ?? "");
}

const files: SourceFile[] = ["src", "lib", "lambdas", "bin", "packages"].flatMap(tsFiles).map((path) => {
  const text = readFileSync(join(root, path), "utf8");
  const imports = [
    ...text.matchAll(/^(?:import|export)\s[^;]*?from\s+"([^"]+)"|^import\s+"([^"]+)"|\bimport\("([^"]+)"\)/gm),
  ].map((match) => match[1] ?? match[2] ?? match[3] ?? "");
  return { path, layer: layerOf(path), text, imports };
});

function targetLayer(file: SourceFile, specifier: string): string | undefined {
  if (!specifier.startsWith(".")) return undefined;
  return layerOf(relative(root, resolve(root, dirname(file.path), specifier)));
}

test("there is code to judge", () => {
  expect(files.length).toBeGreaterThan(30);
});

test("imports between layers point inward", () => {
  const offences = files.flatMap((file) => {
    const allowed = ALLOWED[file.layer];
    if (allowed === undefined) return [];
    return file.imports.flatMap((specifier) => {
      const target = targetLayer(file, specifier);
      if (target === undefined || target === file.layer || allowed.includes(target)) return [];
      return [`${file.path} imports ${specifier}`];
    });
  });
  expect(offences).toEqual([]);
});

test("no destination imports another", () => {
  const base = join(root, "src/destinations");
  const unit = (path: string) => relative(base, path).split("/")[0]?.replace(/\.ts$/, "");
  const offences = files
    .filter((file) => file.layer === "src/destinations" && !file.path.endsWith("/registry.ts"))
    .flatMap((file) =>
      file.imports
        .filter((specifier) => specifier.startsWith("."))
        .map((specifier) => resolve(root, dirname(file.path), specifier))
        .filter((target) => target.startsWith(base) && unit(target) !== unit(join(root, file.path)))
        .map((target) => `${file.path} imports ${relative(root, target)}`),
    );
  expect(offences).toEqual([]);
});

test("pure layers touch no clock, chance, timer, network, environment or AWS", () => {
  const offences = files
    .filter((file) => PURE.includes(file.layer))
    .flatMap((file) => {
      const bad = file.imports.filter(
        (specifier) =>
          (specifier.startsWith("node:") && !PURE_BUILTINS.has(specifier)) ||
          specifier.startsWith("@aws-sdk/") ||
          specifier.startsWith("@aws-lambda-powertools/"),
      );
      const code = file.text.replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, "");
      const impure = IMPURE.exec(code)?.[0];
      return [
        ...bad.map((specifier) => `${file.path} imports ${specifier}`),
        ...(impure ? [`${file.path} uses ${impure}`] : []),
      ];
    });
  expect(offences).toEqual([]);
});

test("lib knows no adapter, and λ entries stay entries", () => {
  const entries = files.filter((file) => file.layer === "lambdas");
  const long = entries.filter((file) => file.text.split("\n").length > 41).map((file) => file.path);
  const withoutHandler = entries
    .filter((file) => !/export (const|async function|function) handler\b/.test(file.text))
    .map((file) => file.path);
  expect({ long, withoutHandler }).toEqual({ long: [], withoutHandler: [] });
});

test("file names say what a thing knows", () => {
  const vague = files
    .filter((file) => /(^|\/|-)(utils?|helpers?|common|managers?|misc|index)\.ts$/.test(file.path))
    .map((file) => file.path);
  expect(vague).toEqual([]);
});
