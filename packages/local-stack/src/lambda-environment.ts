import type { FunctionModel, StackModel } from "./model.ts";

/** The keys of the function's own identity, as the gateway knows them. */
export interface FunctionCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** What the variables of a function depend on beside the function. */
export interface EnvironmentSource {
  readonly region: StackModel["region"];
  readonly gatewayUrl: string;
  readonly credentials: FunctionCredentials;
  readonly logStreamName: string;
}

/**
 * Every variable of an execution environment: the template's, then those Lambda reserves. Nothing comes from the
 * shell the stack was started in, so that a variable missing in the template is missing here too.
 */
export function environmentOf(model: FunctionModel, source: EnvironmentSource): Record<string, string> {
  return {
    ...model.environment,
    AWS_ACCESS_KEY_ID: source.credentials.accessKeyId,
    AWS_DEFAULT_REGION: source.region,
    AWS_ENDPOINT_URL: source.gatewayUrl,
    AWS_EXECUTION_ENV: `AWS_Lambda_nodejs${process.versions.node.split(".")[0]}.x`,
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(model.memoryMb),
    AWS_LAMBDA_FUNCTION_NAME: model.name,
    AWS_LAMBDA_FUNCTION_VERSION: "$LATEST",
    AWS_LAMBDA_INITIALIZATION_TYPE: "on-demand",
    AWS_LAMBDA_LOG_GROUP_NAME: model.logGroupName,
    AWS_LAMBDA_LOG_STREAM_NAME: source.logStreamName,
    AWS_REGION: source.region,
    AWS_SECRET_ACCESS_KEY: source.credentials.secretAccessKey,
    LAMBDA_TASK_ROOT: model.codePath,
    LANG: "en_US.UTF-8",
    PATH: process.env.PATH ?? "",
    TZ: ":UTC",
    _HANDLER: model.handler,
  };
}
