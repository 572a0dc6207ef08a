import { CfnOutput, Duration, Validations } from "aws-cdk-lib";
import { AccessLogFormat } from "aws-cdk-lib/aws-apigateway";
import {
  CorsHttpMethod,
  type CorsPreflightOptions,
  HttpApi,
  HttpStage,
  LogGroupLogDestination,
} from "aws-cdk-lib/aws-apigatewayv2";
import { HttpLambdaIntegration } from "aws-cdk-lib/aws-apigatewayv2-integrations";
import { LogGroup, type RetentionDays } from "aws-cdk-lib/aws-logs";
import { Construct } from "constructs";
import type { ResolvedConfig } from "../../src/config/resolved-config.ts";
import type { LambdaFunction } from "./lambda-function.ts";
import { dataRemovalPolicy } from "./removal.ts";
import { resourceName } from "./resource-name.ts";

export interface IngestApiProps {
  readonly config: ResolvedConfig;
  readonly ingest: LambdaFunction;
}

/** What the browser SDKs of TrackLayer, Segment and RudderStack send; `*` would not cover `Authorization`. */
const ALLOWED_HEADERS = [
  "Authorization",
  "Content-Type",
  "Content-Encoding",
  "AnonymousId",
  "SentAt",
  "X-Retry-Count",
  "Rsa-Retry-Attempt",
  "Rsa-Since-Last-Attempt",
  "Rsa-Since-First-Attempt",
  "Rsa-Retry-Reason",
  "Rsa-Recovered",
];

/** Page script cannot read these answers' headers unless they are named. */
const EXPOSED_HEADERS = ["Retry-After", "X-RateLimit-Reset"];

/**
 * Enough to see that something is wrong and to find the λ's own log lines. No address, no user agent, no path and no
 * query: all four can identify a person, and some SDKs put a key into the last two.
 */
const ACCESS_LOG_FIELDS = {
  requestId: "$context.requestId",
  at: "$context.requestTimeEpoch",
  method: "$context.httpMethod",
  protocol: "$context.protocol",
  status: "$context.status",
  responseBytes: "$context.responseLength",
  responseMs: "$context.responseLatency",
  integrationStatus: "$context.integrationStatus",
  integrationMs: "$context.integrationLatency",
  error: "$context.error.message",
};

/**
 * The front door. One route takes everything, because SDKs write the same path with double and trailing slashes; the
 * ingest λ routes. The gateway answers preflights, throttles and logs.
 */
export class IngestApi extends Construct {
  readonly api: HttpApi;
  readonly stage: HttpStage;

  constructor(scope: Construct, id: string, props: IngestApiProps) {
    super(scope, id);
    const { config } = props;
    const cors = corsOf(config);
    this.api = new HttpApi(this, "Api", {
      apiName: resourceName(config.environment, "ingest"),
      createDefaultStage: false,
      defaultIntegration: new HttpLambdaIntegration("Ingest", props.ingest.function),
      ...(cors === undefined ? {} : { corsPreflight: cors }),
    });
    this.stage = new HttpStage(this, "Stage", {
      httpApi: this.api,
      stageName: "$default",
      autoDeploy: true,
      throttle: { rateLimit: config.ingest.rateLimit, burstLimit: config.ingest.burstLimit },
      accessLogSettings: {
        destination: new LogGroupLogDestination(this.addAccessLog(config)),
        format: AccessLogFormat.custom(JSON.stringify(ACCESS_LOG_FIELDS)),
      },
    });
    this.acknowledge();
    new CfnOutput(this, "IngestUrl", {
      value: this.api.apiEndpoint,
      description: "Where events are sent",
    }).overrideLogicalId("IngestUrl");
  }

  private addAccessLog(config: ResolvedConfig): LogGroup {
    return new LogGroup(this, "AccessLog", {
      // Under this prefix a log group needs no statement in the account's log policy, which has a size limit.
      logGroupName: `/aws/vendedlogs/tracklayer/${config.environment}/access`,
      retention: config.retention.logDays satisfies RetentionDays,
      removalPolicy: dataRemovalPolicy(config.production),
    });
  }

  private acknowledge(): void {
    for (const route of this.api.node.findAll()) {
      if (route.node.id !== "DefaultRoute") continue;
      Validations.of(route).acknowledge({
        id: "AwsSolutions-APIG4",
        reason:
          "The ingest λ authenticates each request by its source's key, which SDKs put in a header, the body or the query; an authorizer of the gateway sees no body.",
      });
    }
  }
}

/** Preflights for every origin that some browser source allows; which key may be used from where is the λ's to check. */
function corsOf(config: ResolvedConfig): CorsPreflightOptions | undefined {
  const origins = [...new Set(config.sources.flatMap((source) => source.allowedOrigins))].sort();
  if (origins.length === 0) return undefined;
  return {
    allowOrigins: origins,
    allowMethods: [CorsHttpMethod.POST, CorsHttpMethod.GET, CorsHttpMethod.OPTIONS],
    allowHeaders: ALLOWED_HEADERS,
    exposeHeaders: EXPOSED_HEADERS,
    // Segment's browser SDK can be told to send credentials; the origins are exact, so that is safe to allow.
    allowCredentials: true,
    maxAge: Duration.days(1),
  };
}
