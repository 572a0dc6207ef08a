import { Match } from "aws-cdk-lib/assertions";
import { synthTemplate } from "../support/synth-stack.ts";

const development = synthTemplate();

describe("the front door", () => {
  test("is one route that takes everything but what people ask, throttled, behind the default stage", () => {
    development.resourceCountIs("AWS::ApiGatewayV2::Route", 3);
    for (const RouteKey of ["ANY /v1/ops/{proxy+}", "ANY /v1/privacy/{proxy+}"]) {
      development.hasResourceProperties("AWS::ApiGatewayV2::Route", { RouteKey });
    }
    development.hasResourceProperties("AWS::ApiGatewayV2::Route", { RouteKey: "$default", AuthorizationType: "NONE" });
    development.hasResourceProperties("AWS::ApiGatewayV2::Integration", { PayloadFormatVersion: "2.0" });
    development.hasResourceProperties("AWS::ApiGatewayV2::Stage", {
      StageName: "$default",
      AutoDeploy: true,
      DefaultRouteSettings: { ThrottlingRateLimit: 500, ThrottlingBurstLimit: 1_000 },
    });
  });

  test("lets few requests to people's route, so that a flood of them takes nothing from ingest", () => {
    const limits = { ThrottlingRateLimit: 50, ThrottlingBurstLimit: 100 };
    for (const RouteKey of ["ANY /v1/ops/{proxy+}", "ANY /v1/privacy/{proxy+}"]) {
      const routes = development.findResources("AWS::ApiGatewayV2::Route", { Properties: { RouteKey } });
      development.hasResource("AWS::ApiGatewayV2::Stage", {
        Properties: { RouteSettings: Match.objectLike({ [RouteKey]: limits }) },
        // Settings of a route that is not there yet are refused, and the deployment with them.
        DependsOn: Match.arrayWith(Object.keys(routes)),
      });
    }
  });

  test("answers preflights for the exact origins of all browser sources", () => {
    const template = synthTemplate({
      sources: {
        a: { kind: "browser", origins: ["https://b.example", "https://a.example"] },
        b: { kind: "browser", origins: ["https://a.example"] },
        c: { kind: "server" },
      },
    });
    template.hasResourceProperties("AWS::ApiGatewayV2::Api", {
      CorsConfiguration: {
        AllowOrigins: ["https://a.example", "https://b.example"],
        AllowMethods: ["POST", "GET", "OPTIONS"],
        AllowHeaders: Match.arrayWith(["Authorization", "AnonymousId", "SentAt", "Rsa-Recovered"]),
        ExposeHeaders: ["Retry-After", "X-RateLimit-Reset"],
        AllowCredentials: true,
        MaxAge: 86_400,
      },
    });
  });

  test("has no CORS at all when only servers send", () => {
    const template = synthTemplate({ sources: { shop: { kind: "server" } } });
    template.hasResourceProperties("AWS::ApiGatewayV2::Api", { CorsConfiguration: Match.absent() });
  });

  test("logs requests without anything that identifies a person", () => {
    const [stage] = Object.values(development.findResources("AWS::ApiGatewayV2::Stage"));
    const format: string = stage?.Properties.AccessLogSettings.Format;
    expect(Object.keys(JSON.parse(format))).toContain("status");
    expect(format).not.toMatch(/sourceIp|userAgent|queryString|path|authorizer|identity|domainName/i);
  });
});
