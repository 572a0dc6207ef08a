import type { ResolvedConfig } from "../../src/config/resolved-config.ts";
import type { LocalState } from "../local-state.ts";
import { readLocalState } from "../local-state.ts";
import { stackName } from "./target.ts";

/** How the command line says which stack is meant where AWS credentials open it. */
export interface StackOptions {
  readonly directory?: string;
  readonly deployed?: boolean;
  readonly stack?: string;
  readonly region?: string;
}

/** A stack as the AWS SDK reaches it: a deployed one with the person's credentials, or the local one. */
export interface StackAccess {
  readonly where: string;
  readonly environment: string;
  /** Of the running local stack. */
  readonly local?: LocalState;
  /** For the constructor of any client. */
  readonly client: Partial<Pick<LocalState, "region" | "credentials">> & { readonly endpoint?: string };
}

/** The deployed stack with `--deployed` or `--stack`, else the local one. */
export function chooseAccess(options: StackOptions, { environment }: Pick<ResolvedConfig, "environment">): StackAccess {
  const { region, stack } = options;
  if (options.deployed === true || stack !== undefined) {
    const other = stack === undefined ? environment : environmentOf(stack);
    return {
      where: `the AWS stack ${stackName(other)}`,
      environment: other,
      client: region === undefined ? {} : { region },
    };
  }
  const local = readLocalState(options.directory);
  const { gatewayUrl, credentials } = local;
  return {
    where: "the local stack",
    environment,
    local,
    client: { endpoint: gatewayUrl, region: local.region, credentials },
  };
}

/** `production` of `TrackLayer-production`. */
export function environmentOf(stack: string): string {
  return stack.replace(/^tracklayer-/i, "").toLowerCase();
}

/** A secret's name in another environment; a name that the config chose itself is the same in every one. */
export function secretNameIn(
  environment: string,
  { environment: own }: Pick<ResolvedConfig, "environment">,
  name: string,
): string {
  return name.replace(`tracklayer/${own}/`, `tracklayer/${environment}/`);
}
