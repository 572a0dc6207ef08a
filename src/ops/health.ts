import { z } from "zod/mini";
import type { Clock } from "../pipeline/ports.ts";
import { list } from "./answer-fields.ts";
import { OPS_PERMISSIONS, type OpsPermission } from "./contract/keys.ts";
import { defineRoute } from "./route.ts";

/** What a deployment is, without secrets and settings. */
export interface Deployment {
  readonly environment: string;
  /** Of the code, as in package.json. */
  readonly version: string;
  readonly destinations: readonly { readonly lane: string; readonly type: string; readonly test_mode: boolean }[];
  readonly sources: readonly { readonly source: string; readonly kind: string }[];
}

/** What `doctor` looks at first: what answers here, its clock, and what the key may do. */
export interface OpsHealth extends Deployment {
  readonly service: "tracklayer";
  /** Epoch ms. */
  readonly clock: number;
  /** Of the key that asked. */
  readonly permissions: readonly OpsPermission[];
}

/** Of the route of health. */
export interface HealthPorts {
  readonly deployment: Deployment;
  readonly clock: Pick<Clock, "now">;
}

/** `GET /health`. */
export const health = defineRoute({
  method: "GET",
  path: "/health",
  permission: "read",
  summary: "What is deployed here, its clock, and what the key may do",
  input: z.object({}),
  answer: z.object({
    service: z.literal("tracklayer"),
    clock: z.number(),
    permissions: list(z.enum(OPS_PERMISSIONS)),
    environment: z.string(),
    version: z.string(),
    destinations: list(z.object({ lane: z.string(), type: z.string(), test_mode: z.boolean() })),
    sources: list(z.object({ source: z.string(), kind: z.string() })),
  }),
  async run(_, { deployment, clock }: HealthPorts, { permissions }): Promise<OpsHealth> {
    return { service: "tracklayer", ...deployment, clock: clock.now(), permissions: [...permissions] };
  },
});
