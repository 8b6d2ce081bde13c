/** Injection token of {@link Config}. */
export const CONFIG: unique symbol = Symbol('Config');

/** Injection token of the {@link DescribedSetting}s that the {@link Config} was made of. */
export const DESCRIBED_SETTINGS: unique symbol = Symbol('DescribedSettings');

/** One setting as it is in force. */
export interface DescribedSetting {
  readonly name: string;
  /** As written; a secret is masked, and null is not set. */
  readonly value: string | null;
  /** The variable, file or key that says so. */
  readonly source: string;
}

/** Everything an operator can decide, validated and frozen. Each value has its row in settings.ts. */
export interface Config {
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
  /** Origin only, without a path. Undefined: taken from each request. */
  readonly publicUrl: URL | undefined;
  /** Files of the certificate and its key, absolute. Undefined: plain HTTP. */
  readonly tls: { readonly certFile: string; readonly keyFile: string } | undefined;
  /** Addresses and CIDR blocks whose X-Forwarded-* headers count. */
  readonly trustedProxies: readonly string[];
  /** Absolute. */
  readonly dataDir: string;
  readonly admin: { readonly username: string; readonly password: string | undefined };
  /** Takes the place of the generated key file. */
  readonly secretKey: string | undefined;
  readonly token: { readonly service: string; readonly seconds: number };
  readonly signIn: { readonly failures: number; readonly windowMs: number };
  /** Pages of other origins; `*` is every origin, none is off. */
  readonly cors: {
    readonly origins: readonly string[];
    readonly methods: readonly string[];
    readonly headers: readonly string[];
  };
  readonly session: { readonly idleMs: number; readonly lifeMs: number };
  readonly audit: { readonly days: number };
  /** Milliseconds in which every blob is read once; infinite when that is switched off. */
  readonly scrub: { readonly intervalMs: number };
  readonly log: { readonly level: LogLevel; readonly format: LogFormat };
  /** Longest silence of a client, in each direction. */
  readonly readTimeoutMs: number;
  readonly writeTimeoutMs: number;
  /** Open at a time, by client address; behind a trusted proxy, requests under way. */
  readonly connectionsPerAddress: number;
  readonly webEnabled: boolean;
  readonly registry: {
    readonly maxBlobBytes: number | undefined;
    readonly maxManifestBytes: number;
    readonly uploadsPerUser: number;
    readonly uploadsPerRobot: number;
    /** Of the unfinished uploads of one account, and of all; infinite when there is no limit. */
    readonly uploadBytesPerUser: number;
    readonly uploadBytes: number;
    /** Undefined: it follows from the disk. */
    readonly diskReserveBytes: number | undefined;
    readonly uploadTtlMs: number;
    readonly deleteEnabled: boolean;
    readonly sparseIndexes: boolean;
    /** Whether the index is kept in files as well (src/layout). */
    readonly layoutMirror: boolean;
    /** Path of nginx's internal location over the blobs, without a slash at its end. Undefined: Berth sends blobs itself. */
    readonly accelRedirect: string | undefined;
  };
  readonly console: {
    readonly timeZone: string | undefined;
    readonly defaultLanguage: Language;
    readonly title: string;
  };
}

export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const;
export type LogLevel = (typeof logLevels)[number];
export const logFormats = ['pretty', 'json'] as const;
export type LogFormat = (typeof logFormats)[number];
export const languages = ['en', 'zh-CN'] as const;
export type Language = (typeof languages)[number];
