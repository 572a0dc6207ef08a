import { createHash } from "node:crypto";
import type { FunctionModel, PolicyStatementModel, RoleModel } from "./model.ts";
import type { LocalCredentials } from "./services.ts";

/** Who makes a call. */
export interface Caller {
  /** ARN of a function or a delivery stream, or `operator`. */
  readonly id: string;
  /** As AWS names it in refusals. */
  readonly principalArn: string;
  /** Undefined: everything is allowed. */
  readonly statements: readonly PolicyStatementModel[] | undefined;
  /** Only then are condition keys worth working out. */
  readonly hasConditions: boolean;
}

const SECRET_ACCESS_KEY = "local-stack-does-not-check-signatures";
const OPERATOR_KEY = "AKIALOCALOPERATOR000";
const OPERATOR: Caller = {
  id: "operator",
  principalArn: "arn:aws:iam::000000000000:user/operator",
  statements: undefined,
  hasConditions: false,
};

/** The identities of a stack: each function has an access key of its own, and the operator may do everything. */
export class Callers {
  readonly #byKey = new Map<string, Caller>();
  readonly #byId = new Map<string, Caller>();

  constructor(functions: readonly FunctionModel[]) {
    this.#register(OPERATOR, OPERATOR_KEY);
    for (const { arn, name, role } of functions) {
      this.#register(roleCaller(arn, role, name), keyOf(arn));
    }
  }

  /** A copy for each reader: SDK clients write into the object they are given. */
  get operatorCredentials(): LocalCredentials {
    return credentials(OPERATOR_KEY);
  }

  credentialsFor(functionArn: string): LocalCredentials {
    if (!this.#byId.has(functionArn)) throw new Error(`There is no function ${functionArn}`);
    return credentials(keyOf(functionArn));
  }

  byAccessKey(accessKeyId: string): Caller | undefined {
    return this.#byKey.get(accessKeyId);
  }

  byId(id: string): Caller | undefined {
    return this.#byId.get(id);
  }

  #register(caller: Caller, accessKeyId: string): void {
    this.#byKey.set(accessKeyId, caller);
    this.#byId.set(caller.id, caller);
  }
}

/** Who calls with a role: a function, or a service of AWS that was given one. */
export function roleCaller(id: string, { arn, statements }: RoleModel, sessionName: string): Caller {
  const roleName = arn.slice(arn.lastIndexOf("/") + 1);
  return {
    id,
    principalArn: `arn:aws:sts::000000000000:assumed-role/${roleName}/${sessionName}`,
    statements,
    hasConditions: statements.some((statement) => Object.keys(statement.conditions).length > 0),
  };
}

function keyOf(functionArn: string): string {
  return `AKIALOCAL${createHash("sha256").update(functionArn).digest("hex").slice(0, 11).toUpperCase()}`;
}

function credentials(accessKeyId: string): LocalCredentials {
  return { accessKeyId, secretAccessKey: SECRET_ACCESS_KEY };
}
