import type { HttpApiModel } from "./model.ts";
import type { PropertyReader } from "./property-reader.ts";
import { attributeOf, type ResourceSet, type TemplateResource } from "./resource-set.ts";
import { functionArnOf } from "./template-functions.ts";

/** HTTP APIs with their routes, integrations and the one stage folded in. */
export function readHttpApis(resources: ResourceSet): HttpApiModel[] {
  return resources.ofType("AWS::ApiGatewayV2::Api").map((api) => readHttpApi(api, resources));
}

function readHttpApi(api: TemplateResource, resources: ResourceSet): HttpApiModel {
  const { properties, logicalId, identity } = api;
  if (properties.text("ProtocolType") !== "HTTP") throw new Error(`${properties.where}: only HTTP APIs run here`);
  const belongs = ({ properties: child }: TemplateResource) => child.text("ApiId") === identity.ref;
  const stages = resources.ofType("AWS::ApiGatewayV2::Stage").filter(belongs);
  const [stage] = stages;
  if (stage === undefined || stages.length > 1) throw new Error(`${properties.where}: an API with one stage is needed`);
  const cors = properties.has("CorsConfiguration") ? readCors(properties.object("CorsConfiguration")) : undefined;
  const throttling = readThrottling(stage.properties.object("DefaultRouteSettings"));
  const accessLog = readAccessLog(stage.properties);
  return {
    logicalId,
    name: properties.optionalText("Name") ?? attributeOf(api, "ApiId"),
    routes: resources
      .ofType("AWS::ApiGatewayV2::Route")
      .filter(belongs)
      .map((route) => readRoute(route, stage.properties, resources)),
    ...(cors === undefined ? {} : { cors }),
    ...(throttling === undefined ? {} : { throttling }),
    ...(accessLog === undefined ? {} : { accessLog }),
  };
}

function readRoute(
  { properties }: TemplateResource,
  stage: PropertyReader,
  resources: ResourceSet,
): HttpApiModel["routes"][number] {
  if ((properties.optionalText("AuthorizationType") ?? "NONE") !== "NONE") {
    throw new Error(`${properties.where}: authorizers are not supported`);
  }
  const integrationId = properties.text("Target").replace(/^integrations\//, "");
  const integration = resources.byRef("AWS::ApiGatewayV2::Integration", integrationId)?.properties;
  if (integration === undefined) throw new Error(`${properties.where}: it has no integration`);
  if (integration.text("IntegrationType") !== "AWS_PROXY" || integration.has("IntegrationSubtype")) {
    throw new Error(`${integration.where}: only integrations with functions run here`);
  }
  const routeKey = properties.text("RouteKey");
  const throttling = readThrottling(stage.object("RouteSettings").object(routeKey));
  return {
    routeKey,
    functionArn: functionArnOf(integration.text("IntegrationUri")),
    payloadFormat: integration.oneOf("PayloadFormatVersion", ["1.0", "2.0"], "1.0"),
    timeoutMs: integration.number("TimeoutInMillis", 30_000),
    ...(throttling === undefined ? {} : { throttling }),
  };
}

function readCors(cors: PropertyReader): NonNullable<HttpApiModel["cors"]> {
  return {
    allowOrigins: cors.texts("AllowOrigins"),
    allowMethods: cors.texts("AllowMethods"),
    allowHeaders: cors.texts("AllowHeaders"),
    exposeHeaders: cors.texts("ExposeHeaders"),
    maxAgeSeconds: cors.number("MaxAge", 0),
    allowCredentials: cors.flag("AllowCredentials", false),
  };
}

function readThrottling(settings: PropertyReader): HttpApiModel["throttling"] {
  if (!settings.has("ThrottlingRateLimit") && !settings.has("ThrottlingBurstLimit")) return undefined;
  return { rateLimit: settings.number("ThrottlingRateLimit"), burstLimit: settings.number("ThrottlingBurstLimit") };
}

function readAccessLog(stage: PropertyReader): HttpApiModel["accessLog"] {
  const settings = stage.object("AccessLogSettings");
  if (!settings.has("DestinationArn")) return undefined;
  const logGroupName = /:log-group:([^:]+)/.exec(settings.text("DestinationArn"))?.[1];
  if (logGroupName === undefined) throw new Error(`${settings.where}: the access log must go to a log group`);
  return { format: settings.text("Format"), logGroupName };
}
