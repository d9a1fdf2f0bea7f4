/** Rendered documents by kind. */
import type { IExternalSecret } from "@kubernetes-models/external-secrets/external-secrets.io/v1";
import type { IHTTPRoute } from "@kubernetes-models/gateway-api/gateway.networking.k8s.io/v1";
import type {
  IPrometheusRule,
  IServiceMonitor,
} from "@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1";
import type { IDeployment } from "kubernetes-models/apps/v1";
import type { IIngress, INetworkPolicy } from "kubernetes-models/networking.k8s.io/v1";
import type { IPodDisruptionBudget } from "kubernetes-models/policy/v1";
import type {
  IConfigMap,
  INamespace,
  IPersistentVolumeClaim,
  ISecret,
  IService,
  IServiceAccount,
} from "kubernetes-models/v1";
import { parseAllDocuments } from "yaml";

interface Kinds {
  ConfigMap: IConfigMap;
  Deployment: IDeployment;
  ExternalSecret: IExternalSecret;
  HTTPRoute: IHTTPRoute;
  Ingress: IIngress;
  Namespace: INamespace;
  NetworkPolicy: INetworkPolicy;
  PersistentVolumeClaim: IPersistentVolumeClaim;
  PodDisruptionBudget: IPodDisruptionBudget;
  PrometheusRule: IPrometheusRule;
  Secret: ISecret;
  Service: IService;
  ServiceAccount: IServiceAccount;
  ServiceMonitor: IServiceMonitor;
}

export interface Document {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
}

export const parseDocuments = (yaml: string): readonly Document[] =>
  parseAllDocuments(yaml).map((each) => {
    const [error] = each.errors;
    if (error !== undefined) throw error;
    return each.toJS() as Document;
  });

export const all = <Kind extends keyof Kinds>(
  documents: readonly Document[],
  kind: Kind,
): readonly (Document & Kinds[Kind])[] =>
  documents.filter((each) => each.kind === kind) as unknown as (Document & Kinds[Kind])[];

/** The one of its kind. */
export function the<Kind extends keyof Kinds>(
  documents: readonly Document[],
  kind: Kind,
): Document & Kinds[Kind] {
  const [one, ...more] = all(documents, kind);
  if (one === undefined || more.length > 0)
    throw new Error(
      `${more.length + (one === undefined ? 0 : 1)} documents of kind ${kind}, not 1`,
    );
  return one;
}
