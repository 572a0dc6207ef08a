import { existsSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { buildSync } from "esbuild";
import type { ResolvedConfig } from "../../src/config/resolved-config.ts";

/** Root of the repository: entries are named from here, whatever directory the app runs in. */
export const PROJECT_ROOT = resolve(import.meta.dirname, "../..");

/**
 * Some dependencies are CommonJS and call `require`, which an ES module does not have. esbuild does not see the banner:
 * a short name in it would collide with one that minifying invents.
 */
const REQUIRE_BANNER =
  'import{createRequire as requireFromBanner}from"node:module";const require=requireFromBanner(import.meta.url);';

/** The package's `core` entry also pulls in formatting and search, which nothing here calls: 15 kB of enrich. */
const PHONE_PARSER = "./node_modules/libphonenumber-js/es6-modern/parsePhoneNumber.js";

/**
 * Credential sources of laptops and containers. The SDK loads them only when the environment holds no credentials, and
 * a function's always does: a fifth of each bundle that no function ever runs.
 */
const UNUSED_CREDENTIAL_SOURCES = [
  "@aws-sdk/credential-provider-http",
  "@aws-sdk/credential-provider-ini",
  "@aws-sdk/credential-provider-login",
  "@aws-sdk/credential-provider-process",
  "@aws-sdk/credential-provider-sso",
  "@aws-sdk/credential-provider-web-identity",
  "@smithy/credential-provider-imds",
];

export interface LambdaBundleProps {
  /** Name of the function; names the metafile. */
  readonly name: string;
  /** Entry file, from the root of the repository: `lambdas/ingest.ts`. */
  readonly entry: string;
  /** Written beside the bundle as `config.json`. */
  readonly config: ResolvedConfig;
}

/** Path of an entry file. Throws when it is missing: a stack must not deploy a function without code. */
export function entryPath(props: Pick<LambdaBundleProps, "name" | "entry">): string {
  const path = resolve(PROJECT_ROOT, props.entry);
  if (!existsSync(path))
    throw new Error(`The function "${props.name}" has no entry file: ${props.entry} does not exist`);
  return path;
}

/**
 * Writes `index.mjs` and `config.json` into `directory`. What went into the bundle is written beside the directory, as
 * `<name>.metafile.json` of the cloud assembly: it must not ship, but sizes are measured with it.
 */
export function bundleLambda(props: LambdaBundleProps, directory: string): void {
  const destinations = join(dirname(directory), `${props.name}.destinations.ts`);
  writeFileSync(destinations, configuredDestinations(props.config));
  const { metafile } = buildSync({
    entryPoints: [entryPath(props)],
    outfile: join(directory, "index.mjs"),
    absWorkingDir: PROJECT_ROOT,
    bundle: true,
    minify: true,
    platform: "node",
    target: "node24",
    format: "esm",
    // The ES module build of a package first: it can be tree-shaken, a third less code for the AWS SDK.
    mainFields: ["module", "main"],
    external: UNUSED_CREDENTIAL_SOURCES,
    alias: { "libphonenumber-js/core": PHONE_PARSER, "#destinations": destinations },
    define: { KEEPS_CONTACTS: String(props.config.contactsSecretName !== undefined) },
    banner: { js: REQUIRE_BANNER },
    legalComments: "none",
    metafile: true,
    logLevel: "warning",
  });
  rmSync(destinations);
  writeFileSync(join(directory, "config.json"), JSON.stringify(props.config));
  writeFileSync(join(dirname(directory), `${props.name}.metafile.json`), JSON.stringify(metafile));
}

/**
 * The registry, with the configured types only: the whole catalogue is a third of enrich's bundle, of which nearly
 * everybody uses a few.
 */
function configuredDestinations({ destinations }: ResolvedConfig): string {
  const types = [...new Set(destinations.map(({ type }) => type))].sort();
  const nameOf = (type: string) => type.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
  const imports = types.map((type) => {
    const file = join(PROJECT_ROOT, "src/destinations", `${type}.ts`);
    return `import { ${nameOf(type)} } from ${JSON.stringify(file)};`;
  });
  const entries = types.map((type) => `${JSON.stringify(type)}: ${nameOf(type)}`);
  return `${imports.join("\n")}\nexport const DESTINATIONS = { ${entries.join(", ")} };\n`;
}
